import { expect, test } from 'vitest';
import { startTestRedis } from '../../tests/support/test-redis.ts';
import { defaultContests } from '../contests/default-contests.ts';
import { createAuditLog } from './audit-log.ts';
import { contestChanges } from './contest-changes.ts';

test('keeps the latest changes, newest first, and truncates long values', async () => {
  await using fixture = await startTestRedis();
  const audit = createAuditLog(fixture.redis, 5);
  for (let n = 0; n < 9; n++) {
    const changes = [{ field: 'title', from: null, to: `${n}${'x'.repeat(1000)}` }];
    await audit.add({ who: 'eva', action: 'contest.edit', subject: n % 2 === 0 ? 'lunch' : 'dinner', changes });
  }
  const all = await audit.list(100);
  expect(all.map(({ changes }) => changes[0]?.to?.[0])).toStrictEqual(['8', '7', '6', '5', '4']);
  expect(all[0]?.changes[0]?.to?.length).toBe(301);
  expect(Math.abs(Date.parse(all[0]?.at ?? '') - Date.now())).toBeLessThan(10_000);
  expect((await audit.list(2, 'lunch')).map(({ subject }) => subject)).toStrictEqual(['lunch', 'lunch']);
});

test('lists only the fields that differ', () => {
  const [contest] = defaultContests;
  const [cats, dogs] = contest?.options ?? [];
  if (contest === undefined || cats === undefined || dogs === undefined) throw new Error('no default contest');
  const after = { ...contest, title: 'Pets', hidden: true, options: [dogs, { ...cats, colour: '#000000' }] };
  expect(contestChanges(contest, contest)).toStrictEqual([]);
  expect(contestChanges(contest, after)).toStrictEqual([
    { field: 'title', from: 'Cats or dogs?', to: 'Pets' },
    { field: 'options', from: 'Cats (#0b7285), Dogs (#d9480f)', to: 'Dogs (#d9480f), Cats (#000000)' },
    { field: 'hidden', from: null, to: 'true' },
  ]);
  expect(contestChanges(undefined, contest).map(({ field }) => field)).toStrictEqual(['title', 'options']);
});
