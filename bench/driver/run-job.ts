import { setTimeout as delay } from 'node:timers/promises';
import type { DriverJob, DriverResult, SecondRow } from './job.ts';
import { LoadGenerator } from './load-generator.ts';
import { openChannel } from './open-channel.ts';
import { makePool } from './pool.ts';
import { readAllCpu, usageSince } from './process-usage.ts';
import { Recorder } from './recorder.ts';

/** How long replies are waited for after the last request; then their outcome is unknown. */
const DRAIN_MS = 10_000;

/** A job whose connections are open and whose requests are made. */
export interface PreparedJob {
  /** Sends, measures, drains. `onSecond` is told each second of the window as it ends. */
  run(onSecond: (row: SecondRow) => void): Promise<DriverResult>;
}

/**
 * Makes the requests and opens the connections.
 *
 * @throws {Error} where the target can't be reached
 */
export async function prepareJob(job: DriverJob): Promise<PreparedJob> {
  const pool = makePool(job.transport, job.shape, job.workload);
  const recorder = new Recorder();
  const generator = new LoadGenerator(job, pool, recorder);
  for (let i = 0; i < job.connections; i++) {
    generator.addChannel(await openChannel(job, pool, generator.onReply));
  }
  return { run: (onSecond) => runJob({ job, recorder, generator, onSecond }) };
}

interface Run {
  readonly job: DriverJob;
  readonly recorder: Recorder;
  readonly generator: LoadGenerator;
  readonly onSecond: (row: SecondRow) => void;
}

async function runJob({ job, recorder, generator, onSecond }: Run): Promise<DriverResult> {
  await using sending = generator.start();
  await delay(job.warmupMs);

  const bytesIn = generator.bytesIn;
  const bytesOut = generator.bytesOut;
  const cpuBefore = readAllCpu(job.watch);
  const ownBefore = process.cpuUsage();
  const startedAt = performance.now();
  generator.beginWindow();
  let cpuOfSecond = cpuBefore;
  for (let second = 1; second * 1000 <= job.measureMs; second++) {
    await delay(startedAt + second * 1000 - performance.now());
    onSecond(recorder.endSecond(usageSince(job.watch, cpuOfSecond)));
    cpuOfSecond = readAllCpu(job.watch);
  }
  await delay(Math.max(0, startedAt + job.measureMs - performance.now()));
  generator.stop();
  const seconds = (performance.now() - startedAt) / 1000;
  const usage = usageSince(job.watch, cpuBefore);
  const own = process.cpuUsage(ownBefore);
  const window = { ...recorder.window };
  const wire = { bytesIn: generator.bytesIn - bytesIn, bytesOut: generator.bytesOut - bytesOut };

  await sending[Symbol.asyncDispose]();
  await generator.drain(DRAIN_MS);
  // Closing ends what is still open with an unknown outcome.
  generator.close();
  await delay(20);
  return {
    driver: 'own',
    seconds,
    window,
    total: { ...recorder.total },
    failures: recorder.failures,
    latency: recorder.latencies,
    ...wire,
    usage,
    generator: {
      cpuShare: (own.user + own.system) / 1e6 / seconds,
      due: generator.due,
      late: generator.late,
      unsent: generator.unsent,
    },
    rows: recorder.rows,
  };
}
