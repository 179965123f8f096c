import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

export interface HonestOptions {
  /** Base URL of an edge. */
  readonly url: string;
  readonly ms: number;
  readonly votesPerSecond: number;
}

export interface HonestVotes {
  readonly votes: number;
  /** Why votes were not accepted, one line each. */
  readonly failures: readonly string[];
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Votes at a fixed rate from a separate thread (honest-voter.ts). */
export async function castHonestVotes(options: HonestOptions): Promise<HonestVotes> {
  const worker = new Worker(new URL('./honest-voter.ts', import.meta.url), { workerData: options });
  const [result] = (await once(worker, 'message')) as [HonestVotes];
  await worker.terminate();
  return result;
}
