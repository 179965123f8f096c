import { defaultContests } from '../../store/contests/default-contests.ts';
import { freePort } from '../../supervisor/redis/redis-server.ts';
import type { Variant } from '../runner/variant.ts';
import { startChild } from './child.ts';
import { awaitFirstVote } from './first-vote.ts';
import type { Placement } from './placement.ts';
import { runtimeCommand } from './runtimes.ts';
import type { ContestOptions, System } from './system.ts';

const START_MS = 10_000;

/**
 * Starts a server of the ladder, which answers without storing anything: so there is nothing to audit.
 *
 * @throws {Error} where it does not start; says what it printed
 */
export async function startBaselineSystem(
  variant: Pick<Variant, 'transport' | 'runtime'> & { readonly rung: string },
  placement: Placement,
): Promise<System> {
  if (variant.runtime === 'go') throw new Error('the Go peer is no rung of the ladder');
  const command = runtimeCommand(variant.runtime, `bench/baselines/${fileOf(variant)}`);
  if (command === undefined) throw new Error(`${variant.runtime} is not installed here`);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  await using started = new AsyncDisposableStack();
  const startedAt = performance.now();
  const env = { PORT: `${port}`, RUNG: variant.rung };
  const server = started.use(await startChild({ command, env, core: placement.server }));
  await awaitFirstVote({ url, transport: variant.transport }, server, START_MS);
  const owned = started.move();
  return {
    httpUrl: url,
    grpcUrl: url,
    watch: [{ name: 'server', pid: server.pid }],
    coldStartMs: performance.now() - startedAt,
    acknowledgedBefore: 1,
    contest: async (id) => seededContest(id),
    audit: undefined,
    gauges: async () => ({ eventLoopDelayMs: null }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function fileOf({ transport, rung }: Pick<Variant, 'transport'> & { readonly rung: string }): string {
  if (transport === 'http1') return 'http-server.ts';
  return rung === 'connect' || rung === 'grpc-js' ? 'grpc-frameworks.ts' : 'grpc-server.ts';
}

/** What a deployment has at its first start, for servers that have no API to ask. */
export function seededContest(id: string): ContestOptions {
  const contest = defaultContests.find((candidate) => candidate.id === id);
  if (contest === undefined) throw new Error(`no contest "${id}" is there at the first start`);
  return { rule: contest.rule, options: contest.options.map((option) => option.id) };
}
