import { freePort } from '../../supervisor/redis/redis-server.ts';
import type { Cell } from '../cells/cell.ts';
import { awaitFirstVote } from './first-vote.ts';
import { startChild } from './process/child.ts';
import type { Placement } from './process/placement.ts';
import { runtimeCommand } from './process/runtimes.ts';
import type { System } from './system.ts';

const START_MS = 20_000;

export type BaselineServer = Pick<Cell, 'transport' | 'server' | 'shape'>;

/**
 * Starts a server that answers without storing anything.
 *
 * @throws {Error} if it does not start, with its last output
 */
export async function startBaselineSystem(baseline: BaselineServer, placement: Placement): Promise<System> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  await using started = new AsyncDisposableStack();
  const startedAt = performance.now();
  const command = runtimeCommand('node', `bench/baselines/${fileOf(baseline)}`);
  const votes = baseline.shape.kind === 'single' ? 1 : baseline.shape.size;
  const env = { PORT: `${port}`, SERVER: baseline.server, VOTES: `${votes}` };
  const server = started.use(await startChild({ command, env, core: placement.server }));
  await awaitFirstVote({ url, transport: baseline.transport }, server, START_MS);
  const owned = started.move();
  return {
    url,
    watch: [{ name: 'server', pid: server.pid }],
    coldStartMs: performance.now() - startedAt,
    acknowledgedBefore: 1,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function fileOf({ transport, server }: BaselineServer): string {
  if (server === 'socket' || server === 'http2-core') return `${server}-server.ts`;
  return transport === 'http1' ? 'http-server.ts' : 'grpc-server.ts';
}
