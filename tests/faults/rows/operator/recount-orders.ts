import { openRedis, type Redis } from '../../../../store/redis/redis.ts';
import { nullable, parseText } from '../../../../store/redis/replies.ts';
import { listDeadLetters } from '../../../../store/streams/dead-letters.ts';
import { tallyKey } from '../../../../store/streams/keys.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { drained } from '../../check/drained.ts';
import { changeContest, createContest, runCommand } from '../../inject/operator.ts';
import { readGaps } from '../../inject/system-view.ts';
import { acknowledges } from '../../load/acknowledges.ts';
import { castMany } from '../../load/cast-many.ts';
import type { Fault, FaultRun } from '../../matrix/fault.ts';
import { PARTITIONS, type System } from '../../system/system.ts';

type Step = 'recount' | 'replay' | 'close' | 'reopen';
const STEPS: readonly Step[] = ['recount', 'replay', 'close', 'reopen'];
/** Votes of each contest before, as and after its entries become dead letters. */
const [BEFORE, DEAD, AFTER] = [20, 12, 8];

/** Every order of the four steps, each on a separate contest, half of them without vote_ids. */
export const recountOrders: Fault = {
  id: 'F40',
  title: 'recount --apply, replay, close and reopen in all 24 orders, with dead letters',
  system: { dashboard: true, consumers: 2, env: { MAX_DELIVERIES: '2', CLAIM_IDLE_MS: '300' } },
  load: { perSecond: 20, concurrency: 2 },
  async inflict(run) {
    const { system, load, violation } = run;
    const orders = permutations(STEPS);
    const contests = orders.map((_, n) => `order-${n}`);
    await Promise.all(contests.map((id, n) => createContest(system, id, { rule: n % 2 ? 'one-per-voter' : 'open' })));
    await makeDeadLetters(system, contests);
    for (const step of STEPS.keys()) {
      const doing = (what: Step) => contests.filter((_, n) => orders[n]?.[step] === what);
      await replay(system, doing('replay'));
      await setStatus(run, doing('close'), 'closed');
      await setStatus(run, doing('reopen'), 'open');
      await recount(run, doing('recount'));
    }
    await replay(system, contests);
    await settled(system);
    for (const [n, contest] of contests.entries()) {
      const total = await totalOf(system, contest);
      if (total !== BEFORE + DEAD + AFTER) {
        violation(`${orders[n]?.join(', ')}: ${total} votes count, ${BEFORE + DEAD + AFTER} were cast`);
      }
    }
    await acknowledges(load, 1);
  },
  async settle({ system, violation }) {
    for (const gap of await readGaps(system)) violation(`the ledger has a gap: ${gap}`);
  },
};

async function makeDeadLetters(system: System, contests: readonly string[]): Promise<void> {
  const url = system.edgeUrls[0] ?? '';
  // One contest after the other, so that each dead letter has votes of one contest, and some of the load.
  const cast = async (from: number, votes: number) => {
    for (const contest of contests) await castMany(url, contest, { from, votes });
  };
  await cast(0, BEFORE);
  await settled(system);
  await using redis = openRedis({ urls: system.redisUrls, name: 'corrupter' });
  await redis.whenReady();
  const right = await corrupt(redis, contests);
  await cast(BEFORE, DEAD);
  const what = 'the entries of every contest are dead letters';
  await waitFor(async () => (await deadVotes(redis)) >= contests.length * DEAD, { what, timeoutMs: 40_000 });
  for (const [key, count] of right) {
    await redis.send(key, count === null ? ['HDEL', key, 'yes'] : ['HSET', key, 'yes', count]);
  }
  await cast(BEFORE + DEAD, AFTER);
  await settled(system);
}

/** Makes the tally of the contests unusable; returns the counts to put back, by key. */
async function corrupt(redis: Redis, contests: readonly string[]): Promise<Map<string, string | null>> {
  const counts = new Map<string, string | null>();
  for (const contest of contests) {
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const key = tallyKey(partition, contest);
      counts.set(key, await redis.send(key, ['HGET', key, 'yes'], nullable(parseText)));
      await redis.send(key, ['HSET', key, 'yes', 'not a number']);
    }
  }
  return counts;
}

async function deadVotes(redis: Redis): Promise<number> {
  let votes = 0;
  for (let partition = 0; partition < PARTITIONS; partition++) {
    for (const letter of await listDeadLetters(redis, partition)) votes += letter.votes;
  }
  return votes;
}

async function replay(system: System, contests: readonly string[]): Promise<void> {
  await using redis = openRedis({ urls: system.redisUrls, name: 'letters' });
  await redis.whenReady();
  const names: string[] = [];
  for (let partition = 0; partition < PARTITIONS; partition++) {
    for (const { group, id, bytes } of await listDeadLetters(redis, partition)) {
      if (contests.some((contest) => bytes.includes(`${contest}\u001a`) || bytes.includes(`${contest}\u0012`))) {
        names.push(`${partition}/${group}/${id}`);
      }
    }
  }
  // A letter that a recount has counted is rejected, which is not a failure of this row.
  if (names.length > 0) await runCommand(system, 'dead-letters', 'replay', ...names);
  await settled(system);
}

async function setStatus(
  { system, violation }: FaultRun,
  contests: readonly string[],
  status: 'open' | 'closed',
): Promise<void> {
  for (const contest of contests) {
    const answer = await changeContest(system, 'PATCH', contest, { status });
    if (answer.status !== 200) violation(`${contest} could not be set to ${status}: ${answer.status} ${answer.text}`);
  }
}

async function recount({ system, violation }: FaultRun, contests: readonly string[]): Promise<void> {
  const { code, output } = await runCommand(system, 'recount', '--apply', ...contests);
  if (code !== 0) violation(`recount --apply ${contests.join(' ')} exited with ${code}: ${output.slice(-300)}`);
}

const settled = (system: System) => drained(system.redisUrls, PARTITIONS);

async function totalOf(system: System, contest: string): Promise<number> {
  const response = await fetch(`${system.edgeUrls[0]}/v1/contests/${contest}/results`);
  return ((await response.json()) as { total: number }).total;
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, n) => permutations(items.toSpliced(n, 1)).map((rest) => [item, ...rest]));
}
