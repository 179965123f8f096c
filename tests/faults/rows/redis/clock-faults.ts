import { openRedis, type Redis } from '../../../../store/redis/redis.ts';
import { LOG_GROUP, streamKey, TALLY_GROUP } from '../../../../store/streams/keys.ts';
import { readConsumers } from '../../../../store/streams/stream-info.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { isTally } from '../../inject/at-command.ts';
import { lasting } from '../../inject/lasting.ts';
import { castAndWait, createContest } from '../../inject/operator.ts';
import { setRedisClock, withSettableClock } from '../../inject/redis/redis-clock.ts';
import { acknowledges } from '../../load/acknowledges.ts';
import type { Fault, FaultRun } from '../../matrix/fault.ts';
import { PARTITIONS, type System } from '../../system/system.ts';

const SHIFTED_MS = 3000;
/**
 * Votes in flight during a jump ahead are accepted by the clock before it and tallied by the clock after it. For this
 * long their outcome may be unknown or late.
 */
const IN_FLIGHT_MS = 1000;
const WATCHED_AFTERWARDS_MS = 20_000;
const CLAIM_MS = 10_000;

const clockFault = (id: string, title: string, seconds: number): Fault => ({
  id,
  title,
  system: {
    dashboard: true,
    redisVia: withSettableClock,
    // The load adds more than this while the clock catches up, so only trimming makes room.
    env: { MAX_BACKLOG: '1500', TRIM_KEEP_MS: '1000' },
  },
  load: { perSecond: 600 },
  backWithinMs: 5000,
  async inflict(run) {
    const { system, load } = run;
    const clock = (offset: number) => setRedisClock(`${system.dir}/redis`, offset);
    await createContest(system, 'closing', { closesAt: new Date(Date.now() + 1_800_000).toISOString() });
    // Only a jump back can delay claims.
    const isBackwards = seconds < 0;
    const first = isBackwards ? await killWithPending(system) : 0;
    const jumpedAt = performance.now();
    clock(seconds);
    await lasting(IN_FLIGHT_MS);
    if (isBackwards) await isClaimed(run, first);
    for (const end = performance.now() + SHIFTED_MS; performance.now() < end; ) await castInTime(run);
    await agree(run);
    const second = isBackwards ? 0 : await killWithPending(system);
    clock(0);
    if (!isBackwards) await isClaimed(run, second);
    for (const end = performance.now() + WATCHED_AFTERWARDS_MS; performance.now() < end; ) {
      await castInTime(run);
      await lasting(200);
    }
    await acknowledges(load, 100);
    const shed = load.attempts.filter(({ detail, answeredAt = 0 }) => {
      const wasInFlight = answeredAt - jumpedAt < IN_FLIGHT_MS && detail?.includes('jumped ahead');
      // On a busy machine a write may time out regardless of the clock.
      const timedOut = detail?.includes('did not confirm within');
      return !wasInFlight && !timedOut && (detail?.startsWith('503') || detail?.includes('UNAVAILABLE'));
    });
    if (shed.length > 0) run.violation(`${shed.length} votes were not accepted: ${shed[0]?.detail}`);
  },
});

/** Redis's clock jumps and comes back. */
export const clockFaults: readonly Fault[] = [
  clockFault('F28a', "Redis's clock 1 h ahead for 3 s, then back", 3600),
  clockFault('F28b', "Redis's clock 1 h behind for 3 s, then back", -3600),
  clockFault('F28c', "Redis's clock 45 s ahead for 3 s, then back", 45),
];

let voters = 0;

/** A vote is either rejected because the contest is closed, or counted, because the same clock decides both. */
async function castInTime({ system, violation }: FaultRun): Promise<void> {
  const vote = { contest: 'closing', choice: 'yes', voter: `in-time-${voters++}` };
  const { status, body } = await castAndWait(system.edgeUrls[0] ?? '', vote);
  if (status === 200 && body.status !== 'counted') violation(`a vote was accepted and is ${body.status}`);
  if (status !== 200 && status !== 409) violation(`a vote was answered ${status}: ${body.detail}`);
}

/** The dashboard shows the same status as the edge. */
async function agree({ system, violation }: FaultRun): Promise<void> {
  const statusAt = async (url: string) => {
    const response = await fetch(url);
    return ((await response.json()) as { status: string }).status;
  };
  const edge = await statusAt(`${system.edgeUrls[0]}/v1/contests/closing`);
  const dashboard = await statusAt(`${system.dashboardUrl}/api/contests/closing`);
  if (edge !== dashboard) violation(`the contest is ${edge} at the edge and ${dashboard} on the dashboard`);
}

/** Kills a consumer between reading and counting, and returns its process id. */
async function killWithPending(system: System): Promise<number> {
  const victim = system.consumers[0];
  if (victim?.link === undefined) throw new Error('this fault needs a consumer behind a proxy');
  const { link, process } = victim;
  const pid = process.pid ?? 0;
  link.judge = (chunk) => {
    if (!isTally(chunk)) return 'forward';
    process.signal('SIGKILL');
    return 'cut-before';
  };
  await waitFor(() => !process.running, { what: `${process.name} is killed at the command`, timeoutMs: 20_000 });
  link.judge = () => 'forward';
  return pid;
}

/** Checks that others claim the killed consumer's pending entries, then restarts it. */
async function isClaimed({ system, violation }: FaultRun, pid: number): Promise<void> {
  await using redis = openRedis({ urls: system.redisUrls, name: 'claims' });
  await redis.whenReady();
  const began = performance.now();
  try {
    const what = 'the entries of the killed consumer are claimed';
    await waitFor(async () => (await pendingOf(redis, pid)) === 0, { what, timeoutMs: CLAIM_MS });
  } catch {
    violation(`${await pendingOf(redis, pid)} entries were not claimed ${CLAIM_MS} ms after the jump`);
  }
  console.log(`      claimed after ${Math.round(performance.now() - began)} ms`);
  system.consumers[0]?.process.start();
}

/** A consumer's name contains its process id. */
async function pendingOf(redis: Redis, pid: number): Promise<number> {
  let pending = 0;
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const key = streamKey(partition);
    for (const group of [TALLY_GROUP, LOG_GROUP]) {
      const consumers = await readConsumers(redis, key, group);
      for (const consumer of consumers) if (consumer.name.includes(`-${pid}-`)) pending += consumer.pending;
    }
  }
  return pending;
}
