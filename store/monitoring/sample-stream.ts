import type { Redis } from '../redis/redis.ts';
import { listOf, parseText, recordOf, tupleOf } from '../redis/replies.ts';

/** Samples over time in Redis: at most one per step, even if several processes sample, and kept for a bounded time. */
export interface SampleStream {
  /** Adds a sample unless another process has added one for this step or a later one. */
  add(at: number, fields: Readonly<Record<string, string | number>>): Promise<void>;
  /** Oldest first. */
  read(): Promise<Sample[]>;
  remove(): Promise<void>;
}

export interface Sample {
  /** Start of the step in milliseconds since 1970. */
  readonly at: number;
  /** In the order in which they were added. */
  readonly fields: Readonly<Record<string, string>>;
}

export interface SampleStreamOptions {
  readonly key: string;
  readonly stepMs: number;
  readonly keepMs: number;
}

const parseRows = listOf(tupleOf(parseText, recordOf(parseText)));

export function openSampleStream(redis: Redis, { key, stepMs, keepMs }: SampleStreamOptions): SampleStream {
  return {
    async add(at, fields) {
      const step = Math.floor(at / stepMs) * stepMs;
      const values = Object.entries(fields).flatMap(([name, value]) => [name, `${value}`]);
      // Exact trimming: `~` keeps whole nodes, and a sample of 256 options fills one.
      const command = ['XADD', key, 'MINID', `${Math.max(0, step - keepMs)}`, `${step}-1`, ...values];
      try {
        await redis.send(key, command);
        await redis.send(key, ['PEXPIRE', key, `${keepMs}`]);
      } catch (error) {
        const isTaken = error instanceof Error && error.message.includes('equal or smaller than the target stream');
        if (!isTaken) throw error;
      }
    },
    async read() {
      const rows = await redis.send(key, ['XRANGE', key, '-', '+'], parseRows);
      return rows.map(([id, fields]) => ({ at: Number.parseInt(id, 10), fields }));
    },
    async remove() {
      await redis.send(key, ['UNLINK', key]);
    },
  };
}
