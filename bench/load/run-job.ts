import { setTimeout as delay } from 'node:timers/promises';
import { openChannel } from './channels/open-channel.ts';
import type { DriverJob, DriverResult, Outcomes, Window } from './job.ts';
import { LoadGenerator } from './load-generator.ts';
import { makePool } from './pool.ts';
import { readAllUsage, usageSince } from './process-usage.ts';
import { Recorder } from './recorder.ts';

/** A job with open connections and prepared requests. */
export interface PreparedJob {
  /** Sends at full speed until the server has compiled its code. */
  warmUp(): Promise<Outcomes>;
  /** Sends, measures and waits for the last replies; nothing is in flight afterwards. */
  measure(window: Window): Promise<DriverResult>;
  close(): void;
}

/** Time limit for the last replies. */
const DRAIN_MS = 10_000;
/** Requests after which a server's code is compiled; fewer batches are enough. */
const WARM_REQUESTS = 20_000;
/** A slow server gets at most this multiple of the warm-up time. */
const LONGEST_WARM_UP = 2;
/** A closed loop runs this long before its window begins, so that every slot is in use. */
const SETTLE_MS = 120;
/** The pacer's first tick comes slightly after its start; the window must not begin earlier. */
const PACER_START_MS = 300;

/**
 * Creates the requests and opens the connections.
 *
 * @throws {Error} if the target cannot be reached
 */
export async function prepareJob(job: DriverJob): Promise<PreparedJob> {
  const pool = makePool(job);
  let generator = new LoadGenerator(job, pool, new Recorder());
  const channels = await Promise.all(
    Array.from({ length: job.connections }, () =>
      openChannel(job, pool, (token, reply) => generator.onReply(token, reply)),
    ),
  );
  const nextGenerator = (recorder: Recorder) => {
    generator = new LoadGenerator(job, pool, recorder);
    for (const channel of channels) generator.addChannel(channel);
    return generator;
  };
  return {
    async warmUp() {
      const recorder = new Recorder();
      await warmUp(job, nextGenerator(recorder));
      return { ...recorder.total };
    },
    measure(window) {
      const recorder = new Recorder();
      return measure({ job, window, recorder, generator: nextGenerator(recorder) });
    },
    close() {
      for (const channel of channels) channel.close();
    },
  };
}

async function warmUp(job: DriverJob, generator: LoadGenerator): Promise<void> {
  const votes = job.shape.kind === 'single' ? 1 : job.shape.size;
  const enough = Math.max(500, WARM_REQUESTS / votes);
  const startedAt = performance.now();
  generator.startClosed();
  await delay(job.warmupMs);
  while (generator.replies < enough && performance.now() - startedAt < LONGEST_WARM_UP * job.warmupMs) await delay(10);
  generator.pause();
  await generator.drain(DRAIN_MS);
}

interface Measuring {
  readonly job: DriverJob;
  readonly window: Window;
  readonly recorder: Recorder;
  readonly generator: LoadGenerator;
}

async function measure({ job, window, recorder, generator }: Measuring): Promise<DriverResult> {
  await using pacing = await startLoad(window, generator);
  const bytesIn = generator.bytesIn;
  const bytesOut = generator.bytesOut;
  const usageBefore = readAllUsage(job.watch);
  const ownBefore = process.cpuUsage();
  const startedAt = performance.now();
  generator.beginWindow();
  await delay(window.measureMs);
  generator.endWindow();
  const seconds = (performance.now() - startedAt) / 1000;
  const usage = usageSince(job.watch, usageBefore);
  const own = process.cpuUsage(ownBefore);
  const counted = { ...recorder.window };
  const wire = { bytesIn: generator.bytesIn - bytesIn, bytesOut: generator.bytesOut - bytesOut };

  await pacing[Symbol.asyncDispose]();
  const open = await generator.drain(DRAIN_MS);
  // A late reply would count for the next window.
  if (open > 0) throw new Error(`${open} requests had no reply within ${DRAIN_MS / 1000} s`);
  return {
    seconds,
    window: counted,
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
  };
}

async function startLoad({ load }: Window, generator: LoadGenerator): Promise<AsyncDisposable> {
  if (load.kind === 'open') {
    const pacing = generator.startOpen(load.requestsPerSecond);
    await delay(PACER_START_MS);
    return pacing;
  }
  generator.startClosed();
  await delay(SETTLE_MS);
  return { [Symbol.asyncDispose]: async () => undefined };
}
