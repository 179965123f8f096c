import assert from 'node:assert/strict';
import { printHelp } from '../../tools/print-help.ts';
import { waitFor } from '../support/wait-for.ts';
import { ComposeSystem, findCompose } from './compose-system.ts';
import { proxyImage } from './proxy-image.ts';
import { mustRun } from './run-command.ts';

printHelp(`npm run test:compose   docker-compose.yml on this machine's Docker engine

Builds the image, kills containers under load, and restores counts and voters after Redis's volume is lost.
Exit codes: 0 nothing lost and nothing counted twice, 1 otherwise.`);

/**
 * `npm run test:compose`: docker-compose.yml on this machine's Docker engine. Builds the image, votes from another
 * network namespace, kills containers under load, restarts everything, and restores counts and voters after the loss of
 * Redis's volume. Prints a line per step; exits with 1 at the first failure.
 */
const EACH = 300;
const UNDER_LOAD = 4000;
const COUNTED_MS = 30_000;

const compose = await findCompose();
assert.ok(compose, 'neither docker-compose nor docker compose is on PATH');
let voters = 0;
const began = performance.now();
const done = (what: string) => console.log(`${Math.round((performance.now() - began) / 1000)} s  ${what}`);

{
  await using system = await ComposeSystem.open(compose, await proxyImage());
  await build(system);
  await votes(system);
  await killsUnderLoad(system);
  await downAndUp(system);
  await redisLost(system);
}
console.log('1 passed, 0 failed');

async function build(system: ComposeSystem): Promise<void> {
  await system.compose('build');
  done('built');
  await system.up();
  done('two edges and four consumers are ready behind the proxy');
}

async function votes(system: ComposeSystem): Promise<void> {
  await system.compose('run', '--rm', 'seed');
  const seeded = await settled(system);
  voters = seeded;
  done(`seeded: ${seeded} voters in cats-vs-dogs`);
  for (const transport of ['http', 'grpc', 'connect']) {
    const totals = await system.vote(transport, 'cats', transport, EACH);
    assert.deepEqual({ ...totals, ms: 0, transport: '' }, { ok: EACH, failed: 0, unknown: 0, ms: 0, transport: '' });
    voters += EACH;
  }
  await counts(system);
  done(`${3 * EACH} votes over HTTP, gRPC and Connect from another network namespace, each stored`);
}

/** The same voter resends a vote of unknown outcome, so that each vote counts once. */
async function killsUnderLoad(system: ComposeSystem): Promise<void> {
  const all = Promise.all(['http', 'grpc'].map((transport) => voteUntilStored(system, `load-${transport}`, transport)));
  for (const service of ['edge', 'consumer']) {
    const [victim = ''] = await system.containers(service);
    await mustRun(['docker', 'kill', '--signal', 'KILL', victim]);
    await mustRun(['docker', 'start', victim]);
  }
  const rounds = await all;
  voters += 2 * UNDER_LOAD;
  await counts(system);
  done(`an edge and a consumer killed under load: ${rounds.join(' and ')} rounds until all votes were stored`);
}

async function voteUntilStored(system: ComposeSystem, voter: string, transport: string): Promise<number> {
  for (let round = 1; round <= 10; round++) {
    const { ok, failed } = await system.vote(voter, 'dogs', transport, UNDER_LOAD);
    assert.equal(failed, 0, `votes over ${transport} were rejected`);
    if (ok === UNDER_LOAD) return round;
  }
  throw new Error(`votes over ${transport} were still of unknown outcome after 10 rounds`);
}

async function downAndUp(system: ComposeSystem): Promise<void> {
  const before = await system.counts();
  await system.compose('down');
  await system.up();
  assert.deepEqual(await system.counts(), before);
  done('down and up: the same counts');
}

async function redisLost(system: ComposeSystem): Promise<void> {
  await system.compose('exec', '-T', 'consumer', 'votewire', 'recount', '--all');
  const before = await system.counts();
  await system.compose('down');
  await mustRun(['docker', 'volume', 'rm', 'votewire-test_redis-data']);
  await system.up();
  await system.compose('exec', '-T', 'consumer', 'votewire', 'restore');
  assert.deepEqual(await system.counts(), before);
  const { ok } = await system.vote('http', 'dogs', 'http', 1);
  assert.equal(ok, 1);
  const changed = { ...before, cats: (before.cats ?? 0) - 1, dogs: (before.dogs ?? 0) + 1 };
  await waitFor(async () => JSON.stringify(await system.counts()) === JSON.stringify(changed), {
    what: 'the restored voter changes the vote instead of adding one',
    timeoutMs: COUNTED_MS,
  });
  done('Redis lost and restored from the log: the same counts, and a voter who votes again changes the vote');
}

/** Waits until the count of voters no longer changes, and returns it. */
async function settled(system: ComposeSystem): Promise<number> {
  await system.compose('exec', '-T', 'consumer', 'votewire', 'recount', '--all');
  return sum(await system.counts());
}

async function counts(system: ComposeSystem): Promise<void> {
  await waitFor(async () => sum(await system.counts()) >= voters, {
    what: `${voters} voters are counted`,
    timeoutMs: COUNTED_MS,
  });
  assert.equal(sum(await system.counts()), voters, 'each voter counts once');
}

function sum(votes: Readonly<Record<string, number>>): number {
  return Object.values(votes).reduce((total, count) => total + count, 0);
}
