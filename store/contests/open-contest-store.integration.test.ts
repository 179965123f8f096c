import { assert, beforeEach, expect, test } from 'vitest';
import type { RedisServer } from '../../supervisor/redis/redis-server.ts';
import { useTestRedis } from '../../tests/support/test-redis.ts';
import { waitFor } from '../../tests/support/wait-for.ts';
import { openPartitions, openSettings } from '../deployment/settings.ts';
import { openRedis, type Redis } from '../redis/redis.ts';
import { listOf, parseText } from '../redis/replies.ts';
import { contestsKey, rulesKey } from '../streams/keys.ts';
import { contestStatus } from './contest.ts';
import type { ContestStore } from './contest-store.ts';
import { CLOSE_DELAY_MS } from './fields/contest-times.ts';
import { openContestStore } from './open-contest-store.ts';
import { contestRuleText } from './rules/contest-rule.ts';

const PARTITIONS = 3;

let redis: Redis;
let server: RedisServer;
useTestRedis((started) => {
  ({ redis, server } = started);
});

beforeEach(() => redis.send(undefined, ['FLUSHALL']));

function open(pollMs?: number): Promise<ContestStore> {
  return openContestStore({ redis, partitions: PARTITIONS, ...(pollMs && { pollMs }) });
}

const fresh = { id: 'lunch', title: 'Lunch', rule: 'open', options: [{ id: 'soup' }, { id: 'salad' }] };

test('the first start creates three contests; later starts do not restore removed ones', async () => {
  {
    await using contests = await open();
    expect(contests.list().map(({ id, rule }) => [id, rule])).toStrictEqual([
      ['bandas', 'open'],
      ['cats-vs-dogs', 'one-per-voter'],
      ['visits', 'open'],
    ]);
    const bands = contests.get('bandas')?.options ?? [];
    expect(bands.length).toBeGreaterThanOrEqual(6);
    for (const { id, attributes } of bands) {
      expect(id).toMatch(/^[a-z0-9][a-z0-9._-]{0,63}$/);
      expect(Object.keys(attributes).sort()).toStrictEqual(['album', 'rank', 'year']);
    }
  }
  await redis.send(contestsKey, ['HDEL', contestsKey, 'visits']);
  await using again = await open();
  expect(again.get('visits')).toBe(undefined);
});

test('every partition has the rule of a contest before the contest is listed', async () => {
  await using contests = await open();
  const opensAt = '2030-01-01T00:00:00.000Z';
  const made = await contests.create({ ...fresh, opensAt, closesAt: '2030-01-02T00:00:00+00:00' });
  expect(made.ok).toBe(true);
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const rule = await redis.send(rulesKey(partition), ['HGET', rulesKey(partition), 'lunch']);
    expect(rule).toBe(`open ${Date.parse(opensAt)} ${Date.parse('2030-01-02')}`);
  }
});

test('other processes see a change at once, or by polling if the message was lost', async () => {
  await using here = await open();
  await using elsewhere = openRedis({ urls: [server.url], name: 'elsewhere' });
  await elsewhere.whenReady();
  await using there = await openContestStore({ redis: elsewhere, partitions: PARTITIONS, pollMs: 3_600_000 });
  await using polling = await openContestStore({ redis: elsewhere, partitions: PARTITIONS, pollMs: 20 });
  let changes = 0;
  const stop = there.onChange(() => changes++);
  const before = there.list();
  expect(there.list()).toBe(before);
  await here.create(fresh);
  await waitFor(() => there.get('lunch') !== undefined);
  expect(there.list()).not.toBe(before);
  expect(changes).toBe(1);
  stop();
  // A direct write to Redis publishes no message.
  await redis.send(contestsKey, ['HDEL', contestsKey, 'lunch']);
  await waitFor(() => polling.get('lunch') === undefined);
  expect(changes).toBe(1);
});

test('creating an existing contest fails and does not change it', async () => {
  await using contests = await open();
  const again = await contests.create({ ...fresh, id: 'bandas', rule: 'one-per-voter' });
  expect(again).toStrictEqual({ ok: false, reason: 'exists', id: 'bandas' });
  expect(await redis.send(rulesKey(1), ['HGET', rulesKey(1), 'bandas'])).toBe('open 0 0');
  expect(contests.get('bandas')?.rule).toBe('open');
});

test('replaces rules left by a failed attempt', async () => {
  await using contests = await open();
  await redis.send(rulesKey(0), ['HSET', rulesKey(0), 'lunch', 'one-per-voter 1 2']);
  expect((await contests.create(fresh)).ok).toBe(true);
  expect(await redis.send(rulesKey(0), ['HGET', rulesKey(0), 'lunch'])).toBe('open 0 0');
});

test('an update changes only the named fields; it cannot change id or rule or remove options', async () => {
  await using contests = await open();
  const hidden = await contests.update('cats-vs-dogs', { hidden: true, closesAt: '2099-01-01T00:00:00Z' });
  assert(hidden.ok && hidden.contest.hidden && hidden.contest.title === 'Cats or dogs?');
  expect(await redis.send(rulesKey(2), ['HGET', rulesKey(2), 'cats-vs-dogs'])).toBe(
    `one-per-voter 0 ${Date.parse('2099')}`,
  );
  const options = [{ id: 'cats' }, { id: 'dogs' }, { id: 'fish' }];
  const more = await contests.update('cats-vs-dogs', { options });
  assert(more.ok && more.contest.options.length === 3 && more.contest.hidden);
  for (const [change, field] of [
    [{ rule: 'open' }, 'rule'],
    [{ id: 'pets' }, 'id'],
    [{ options: [{ id: 'cats' }] }, 'options'],
    [{ nonsense: 1 }, 'nonsense'],
    ['text', ''],
  ] as const) {
    const outcome = await contests.update('cats-vs-dogs', change);
    assert(!outcome.ok && outcome.reason === 'invalid' && outcome.errors[0]?.field === field, field);
  }
  expect(await contests.update('unknown', {})).toStrictEqual({ ok: false, reason: 'unknown' });
});

test('a manual close takes effect once, after a delay, by the clock of Redis', async () => {
  await using contests = await open();
  const closed = await contests.close('visits');
  assert(closed.ok && closed.contest.closesAt !== null);
  const closesAt = Date.parse(closed.contest.closesAt);
  const ahead = closesAt - Date.now();
  expect(ahead > 0 && ahead <= CLOSE_DELAY_MS, `${ahead}`).toBeTruthy();
  expect(contestStatus(closed.contest, closesAt)).toBe('open');
  expect(contestStatus(closed.contest, closesAt + 1)).toBe('closed');
  await waitFor(() => contestStatus(closed.contest, Date.now()) === 'closed');
  const again = await contests.close('visits');
  expect(again.ok && again.contest.closesAt).toBe(closed.contest.closesAt);
  expect(await contests.close('unknown')).toStrictEqual({ ok: false, reason: 'unknown' });
});

test('the rules of times before 1970 are readable for the tally', async () => {
  await using contests = await open();
  const rules = () => redis.send(rulesKey(1), ['HGET', rulesKey(1), 'visits']);
  expect((await contests.update('visits', { opensAt: '0001-01-01T00:00:00Z' })).ok).toBe(true);
  expect(await rules()).toBe('open 0 0');
  expect((await contests.update('visits', { closesAt: '1970-01-01T00:00:00Z' })).ok).toBe(true);
  expect(await rules()).toBe('open 0 1');
});

test('closing a scheduled contest never opens it in between', async () => {
  await using contests = await open();
  await contests.update('visits', { opensAt: '2099-01-01T00:00:00Z' });
  const closed = await contests.close('visits');
  expect(closed.ok && contestStatus(closed.contest, Date.now())).toBe('closed');
  expect((await contests.update('visits', { title: 'Visits' })).ok, 'its times are consistent').toBe(true);
});

test('a manual close is never later than the scheduled one', async () => {
  await using contests = await open();
  const closesAt = new Date(Date.now() + CLOSE_DELAY_MS / 2).toISOString();
  await contests.update('visits', { closesAt });
  const closed = await contests.close('visits');
  expect(closed.ok && closed.contest.closesAt).toBe(closesAt);
});

test('keeps all concurrent changes, and every partition has the resulting rule', async () => {
  await using here = await open();
  await using there = await open();
  const options = [{ id: 'cats' }, { id: 'dogs' }, { id: 'fish' }];
  const outcomes = await Promise.all([
    here.update('cats-vs-dogs', { title: 'Pets' }),
    there.update('cats-vs-dogs', { options }),
    there.close('cats-vs-dogs'),
    here.update('cats-vs-dogs', { hidden: true }),
  ]);
  expect(outcomes.every(({ ok }) => ok)).toBeTruthy();
  await here.refresh();
  const contest = here.get('cats-vs-dogs');
  assert(contest !== undefined && contest.closesAt !== null);
  expect([contest.title, contest.options.length, contest.hidden]).toStrictEqual(['Pets', 3, true]);
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const rules = await redis.send(rulesKey(partition), ['HGET', rulesKey(partition), 'cats-vs-dogs']);
    expect(rules, `partition ${partition}`).toBe(contestRuleText(contest));
  }
});

const wrong: [string, unknown, string][] = [
  ['no object', null, ''],
  ['no id', { ...fresh, id: undefined }, 'id'],
  ['an id with a brace', { ...fresh, id: 'a}b' }, 'id'],
  ['a title with a line break', { ...fresh, title: 'a\nb' }, 'title'],
  ['an invisible title', { ...fresh, title: '\u202e' }, 'title'],
  ['a title of joiners', { ...fresh, title: '\u200d\u200d' }, 'title'],
  ['an unknown rule', { ...fresh, rule: 'two-per-voter' }, 'rule'],
  ['no options', { ...fresh, options: [] }, 'options'],
  ['a duplicate option', { ...fresh, options: [{ id: 'a' }, { id: 'a' }] }, 'options[1]'],
  ['an option that is text', { ...fresh, options: ['a'] }, 'options[0]'],
  ['a color that contains CSS code', { ...fresh, options: [{ id: 'a', colour: 'red;x' }] }, 'options[0].colour'],
  [
    'an attribute that is not text',
    { ...fresh, options: [{ id: 'a', attributes: { x: 1 } }] },
    'options[0].attributes',
  ],
  ['a time beyond the year 9999', { ...fresh, closesAt: '9999-12-31T23:59:59-10:00' }, 'closesAt'],
  [
    'an attribute that no vote can have',
    { ...fresh, options: [{ id: 'a', attributes: { x: 'ñ'.repeat(65) } }] },
    'options[0].attributes',
  ],
  ['a time without a zone', { ...fresh, opensAt: '2030-01-01T00:00' }, 'opensAt'],
  ['an invalid time', { ...fresh, closesAt: '2030-13-01T00:00:00Z' }, 'closesAt'],
  [
    'a closing time before the opening time',
    { ...fresh, opensAt: '2031-01-01T00:00:00Z', closesAt: '2030-01-01T00:00:00Z' },
    'closesAt',
  ],
  ['hidden as text', { ...fresh, hidden: 'yes' }, 'hidden'],
  ['an unknown field', { ...fresh, admin: true }, 'admin'],
];

test('accepts emoji with joiners and Persian words in titles and labels', async () => {
  await using contests = await open();
  const title = '👩\u200d🍳 یا 🏳️\u200d🌈؟';
  const label = 'می\u200cخواهم';
  const outcome = await contests.create({ ...fresh, id: 'joined', title, options: [{ id: 'a', label }] });
  assert(outcome.ok);
  expect([outcome.contest.title, outcome.contest.options[0]?.label]).toStrictEqual([title, label]);
});

test('the error for an invalid contest names the field, and nothing is written', async () => {
  await using contests = await open();
  for (const [what, input, field] of wrong) {
    const outcome = await contests.create(input);
    assert(!outcome.ok && outcome.reason === 'invalid', what);
    expect(
      outcome.errors.some((error) => error.field === field),
      `${what}: ${JSON.stringify(outcome.errors)}`,
    ).toBeTruthy();
  }
  expect(contests.get('lunch')).toBe(undefined);
});

test('the first start fixes the secret and the number of partitions', async () => {
  const first = await openSettings(redis, { partitions: undefined, secret: undefined });
  expect(first.partitions).toBe(4);
  const second = await openSettings(redis, { partitions: 4, secret: undefined });
  expect(second.secret).toStrictEqual(first.secret);
  await expect(openPartitions(redis, { partitions: 5 })).rejects.toThrow(/PARTITIONS must be 4, as at/);
  await expect(openSettings(redis, { partitions: 4, secret: 'another secret of the same length' })).rejects.toThrow(
    /SECRET must be .*the secret of/,
  );
});

test('a SECRET set at the first start must be set again; Redis stores only its fingerprint', async () => {
  const secret = 'correct horse battery staple';
  await openSettings(redis, { partitions: 2, secret });
  expect((await openSettings(redis, { partitions: undefined, secret })).secret.toString()).toBe(secret);
  await expect(openSettings(redis, { partitions: 2, secret: undefined })).rejects.toThrow(
    /SECRET must be .*the secret of/,
  );
  const all = await redis.send('votewire:cluster', ['HGETALL', 'votewire:cluster'], listOf(parseText));
  expect(all.join().includes(secret)).toBeFalsy();
});

test('a Redis that is too old stops the start', async () => {
  const old = { send: () => Promise.resolve('# Server\r\nredis_version:6.2.14\r\n') } as unknown as Redis;
  const config = { partitions: undefined, secret: undefined };
  await expect(openSettings(old, config)).rejects.toThrow(/Redis 6\.2\.14 \(REDIS_URL\) is too old.* 7\.0 or later/);
});
