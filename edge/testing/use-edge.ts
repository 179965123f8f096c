import { afterAll, beforeAll } from 'vitest';
import type { Redis } from '../../store/redis/redis.ts';
import { startTestRedis } from '../../tests/support/test-redis.ts';
import { type EdgeProcess, type EdgeRuntime, startEdgeProcess } from './edge-process.ts';
import { startSuiteCounter } from './suite-counter.ts';

/** An edge process with a Redis of its own. */
export interface TestEdge {
  readonly edge: EdgeProcess;
  readonly redis: Redis;
  /** A temporary folder, removed at the end. */
  readonly dir: string;
  /** Environment for another process of the same deployment. */
  readonly deployment: Readonly<{ REDIS_URL: string; DATA_DIR: string }>;
}

export interface TestEdgeOptions {
  /** Default: `node`. */
  readonly runtime?: EdgeRuntime;
  readonly env?: Readonly<Record<string, string>>;
  /** Counts the votes, see `startSuiteCounter`. */
  readonly counted?: true;
  /** Called before the edge starts. */
  readonly prepare?: (redis: Redis) => Promise<void>;
}

/** One edge for all tests of the calling suite: hands it to `onStart` before them, and stops it after them. */
export function useEdge(options: TestEdgeOptions, onStart: (started: TestEdge) => void): void {
  const { runtime = 'node', env = {}, counted, prepare } = options;
  const resources = new AsyncDisposableStack();
  beforeAll(async () => {
    const { redis, server, dir } = resources.use(await startTestRedis());
    await prepare?.(redis);
    const deployment = { REDIS_URL: server.url, DATA_DIR: dir };
    const edge = resources.use(await startEdgeProcess(runtime, { ...deployment, ...env }));
    if (counted) resources.use(await startSuiteCounter(server.url));
    onStart({ edge, redis, dir, deployment });
  });
  afterAll(() => resources.disposeAsync());
}
