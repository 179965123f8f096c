import { setTimeout as delay } from 'node:timers/promises';
import { openChannel } from './channels/open-channel.ts';
import type { DriverJob, DriverResult, SecondRow } from './job.ts';
import { LoadGenerator } from './load-generator.ts';
import { makePool } from './pool.ts';
import { readAllCpu, usageSince } from './process-usage.ts';
import { Recorder } from './recorder.ts';

/** How long replies are waited for after the last request; then their outcome is unknown. */
const DRAIN_MS = 10_000;

/** A job whose connections are open and whose requests are made. */
export interface PreparedJob {
  /** Sends, measures, drains. */
  run(events: RunEvents): Promise<DriverResult>;
}

export interface RunEvents {
  /** The server is warm and the load runs: the window begins when this resolves. */
  readonly onWarm: () => Promise<void>;
  /** Told each second of the window as it ends. */
  readonly onSecond: (row: SecondRow) => void;
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
  return { run: (events) => runJob({ job, recorder, generator, ...events }) };
}

interface Run extends RunEvents {
  readonly job: DriverJob;
  readonly recorder: Recorder;
  readonly generator: LoadGenerator;
}

async function runJob({ job, recorder, generator, onWarm, onSecond }: Run): Promise<DriverResult> {
  await warmUp(job, generator);
  await using pacing = await startLoad(job, generator);
  await onWarm();

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
  generator.endWindow();
  const seconds = (performance.now() - startedAt) / 1000;
  const usage = usageSince(job.watch, cpuBefore);
  const own = process.cpuUsage(ownBefore);
  const window = { ...recorder.window };
  const wire = { bytesIn: generator.bytesIn - bytesIn, bytesOut: generator.bytesOut - bytesOut };

  await pacing[Symbol.asyncDispose]();
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

/** Requests after which a server's code is compiled; of batches fewer are enough. */
const WARM_REQUESTS = 20_000;
const LONGEST_WARM_UP = 2;

/**
 * Sends as fast as replies come for the warm-up's time and until the server has seen enough requests to have compiled
 * its code: at a slow fixed rate it would be measured half compiled. A slow server gets twice as long at most.
 * Before a fixed rate the requests are enough: whatever the consumer has not counted yet would be in the way of it.
 */
async function warmUp(job: DriverJob, generator: LoadGenerator) {
  const votes = job.shape.kind === 'single' ? 1 : job.shape.size;
  const enough = Math.max(500, WARM_REQUESTS / votes);
  const startedAt = performance.now();
  generator.startClosed();
  if (job.load.kind === 'closed') await delay(job.warmupMs);
  while (generator.replies < enough && performance.now() - startedAt < LONGEST_WARM_UP * job.warmupMs) await delay(10);
}

/** From the warm-up to the load that is measured. */
async function startLoad(job: DriverJob, generator: LoadGenerator): Promise<AsyncDisposable> {
  if (job.load.kind === 'closed') return { [Symbol.asyncDispose]: async () => undefined };
  generator.pause();
  await generator.drain(DRAIN_MS);
  const pacing = generator.startOpen(job.load.requestsPerSecond);
  // The pacer's first tick comes a little later; the window must not begin before it.
  await delay(PACER_START_MS);
  return pacing;
}

const PACER_START_MS = 300;
