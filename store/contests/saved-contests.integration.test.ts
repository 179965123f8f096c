import { expect, test } from 'vitest';
import { PARTITIONS, TestPool } from '../../consumer/testing/test-pool.ts';
import type { Contest } from './contest.ts';
import type { ContestOutcome } from './contest-store.ts';
import { defaultContests } from './default-contests.ts';
import { openContestStore } from './open-contest-store.ts';

test('a backup keeps pauses, resets, deletions and edits of contests for a new Redis', async () => {
  await using lost = await TestPool.start();
  await using before = await openContestStore({ redis: lost.redis, partitions: PARTITIONS });
  for (const id of ['reset', 'paused', 'deleted', 'again']) await before.create(input(id));
  const outcomes = [
    await before.reset('reset'),
    await before.pause('paused'),
    await before.remove('deleted'),
    await before.remove('again'),
    await before.create(input('again')),
    await before.update('bandas', { title: 'Edited' }),
    await before.remove('cats-vs-dogs'),
  ];
  expect(outcomes.map(({ ok }) => ok)).toStrictEqual(outcomes.map(() => true));

  await using fresh = await TestPool.start();
  await using after = await openContestStore({ redis: fresh.redis, partitions: PARTITIONS });
  await after.restoreSaved(JSON.parse(JSON.stringify(before.saved())));
  expect(after.list()).toStrictEqual(before.list());
  expect([after.get('again')?.countsFrom, after.get('reset')?.countsFrom]).not.toContain(undefined);
  expect(after.rules().toSorted()).toStrictEqual(before.rules().toSorted());
  // The deleted contest's votes in the log must not count for a new contest with its id.
  expect(contestOf(await after.create(input('deleted'))).countsFrom).toBe(before.saved().deleted.deleted?.at);
});

test('keeps existing contests, except default ones that were never changed', async () => {
  await using pool = await TestPool.start();
  await using contests = await openContestStore({ redis: pool.redis, partitions: PARTITIONS });
  await contests.update('bandas', { title: 'Newer' });
  const saved = defaultContests.map((contest) => ({ ...contest, title: 'Older' }));
  await contests.restoreSaved({ contests: saved, deleted: {} });
  expect(contests.get('bandas')?.title).toBe('Newer');
  expect(contests.get('cats-vs-dogs')?.title).toBe('Older');
});

function input(id: string) {
  return { id, title: id, rule: 'open', options: [{ id: 'cats' }] };
}

function contestOf(outcome: ContestOutcome): Contest {
  if (!outcome.ok) throw new Error(JSON.stringify(outcome));
  return outcome.contest;
}
