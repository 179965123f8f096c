import { isMainThread, Worker, workerData } from 'node:worker_threads';

interface PacerData {
  readonly state: SharedArrayBuffer;
  readonly intervalMs: number;
  /** Milliseconds since 1970 of tick 0. */
  readonly origin: number;
}

/** Memory shared by the two threads: [0] stop, [1] a tick waits to be handled. */
const STOP = 0;
const PENDING = 1;

/** Time for the thread to start before the first tick. */
const HEAD_START_MS = 150;

export interface Pacer extends AsyncDisposable {
  /** Time of tick 0 by this thread's performance.now. */
  readonly start: number;
}

/**
 * Calls `onTick` every `intervalMs`, with a precision of about a tenth of a millisecond. Event loop timers have whole
 * milliseconds, and spinning would take the core from Redis; a thread that sleeps in Atomics.wait avoids both.
 */
export function startPacer(intervalMs: number, onTick: () => void): Pacer {
  const start = performance.now() + HEAD_START_MS;
  const state = new SharedArrayBuffer(8);
  const shared = new Int32Array(state);
  const workerData: PacerData = { state, intervalMs, origin: performance.timeOrigin + start };
  const worker = new Worker(new URL(import.meta.url), { workerData });
  worker.on('message', () => {
    Atomics.store(shared, PENDING, 0);
    onTick();
  });
  return {
    start,
    async [Symbol.asyncDispose]() {
      Atomics.store(shared, STOP, 1);
      Atomics.notify(shared, STOP);
      await worker.terminate();
    },
  };
}

async function tickForever({ state, intervalMs, origin }: PacerData) {
  const { parentPort } = await import('node:worker_threads');
  const shared = new Int32Array(state);
  const start = origin - performance.timeOrigin;
  for (let tick = 0; Atomics.load(shared, STOP) === 0; tick++) {
    const wait = start + tick * intervalMs - performance.now();
    if (wait > 0) Atomics.wait(shared, STOP, 0, wait);
    // One message is enough for ticks that the main thread has not handled yet.
    if (Atomics.exchange(shared, PENDING, 1) === 0) parentPort?.postMessage(0);
  }
}

if (!isMainThread && (workerData as Partial<PacerData> | null)?.intervalMs !== undefined) {
  await tickForever(workerData as PacerData);
}
