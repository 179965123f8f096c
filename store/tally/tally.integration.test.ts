import fc from 'fast-check';
import { expect, test } from 'vitest';
import { useTestRedis } from '../../tests/support/test-redis.ts';
import { waitFor } from '../../tests/support/wait-for.ts';
import type { ContestRule } from '../contests/contest.ts';
import { ensurePartition } from '../deployment/partition.ts';
import type { Redis } from '../redis/redis.ts';
import { listOf, parseArray, parseText } from '../redis/replies.ts';
import { formatEntryId } from '../streams/entry-id.ts';
import { countedChannel, ledgerKey, rulesKey, streamKey, TALLY_GROUP, tallyKey, votersKey } from '../streams/keys.ts';
import { createTally, type TallyEntry, TallyPacker, type TallyVote, tallyScript } from './tally.ts';

let redis: Redis;
useTestRedis((started) => {
  ({ redis } = started);
});

const RULES: Readonly<Record<string, ContestRule>> = { pets: 'one-per-voter', bands: 'open' };
const CLOSES_AT = 5000;
const tallyOptions = { voteIdWindowHours: 24, ruleOf: (contest: string) => RULES[contest] };

/** Creates an empty partition 0, adds the entries and makes them pending in group `tally`. */
async function deliver(entries: readonly TallyEntry[]): Promise<void> {
  await redis.send(undefined, ['FLUSHALL']);
  await ensurePartition(redis, 0);
  for (const [contest, rule] of Object.entries(RULES)) {
    await redis.send(rulesKey(0), ['HSET', rulesKey(0), contest, `${rule} 0 ${CLOSES_AT}`]);
  }
  for (const { id } of entries) await redis.send(streamKey(0), ['XADD', streamKey(0), formatEntryId(id), 'b', 'x']);
  await redis.send(streamKey(0), [
    'XREADGROUP',
    'GROUP',
    TALLY_GROUP,
    'c',
    'COUNT',
    '9999',
    'STREAMS',
    streamKey(0),
    '>',
  ]);
}

async function hash(key: string): Promise<Record<string, string>> {
  const pairs = await redis.send(key, ['HGETALL', key], listOf(parseText));
  return Object.fromEntries(pairs.flatMap((field, i) => (i % 2 === 0 ? [[field, pairs[i + 1] ?? '']] : [])));
}

function vote(contest: string, choice: string, voter: number, rest: Partial<TallyVote> = {}): TallyVote {
  return { contest, choice, voter: Buffer.alloc(16, `v${voter} `), voteId: '', sequence: 0, ...rest };
}

function entry(ms: number, votes: TallyVote[], notify = false): TallyEntry {
  return { id: { ms, n: 0 }, position: { ms, n: 0 }, notify, votes };
}

/** A simple model: the effective votes after all entries are counted in any order. */
function expected(entries: readonly TallyEntry[]) {
  const standing = new Map<string, { order: number[]; choice: string }>();
  const ids = new Set<string>();
  const sum = { votes: 0, late: 0, duplicate: 0, superseded: 0, counted: 0 };
  const counts: Record<string, Record<string, number>> & Record<'pets' | 'bands', Record<string, number>> = {
    pets: {},
    bands: {},
  };
  for (const { position, votes } of entries) {
    for (const [index, { contest, choice, voter, voteId, sequence }] of votes.entries()) {
      sum.votes++;
      if (position.ms > CLOSES_AT) {
        sum.late++;
      } else if (RULES[contest] === 'one-per-voter') {
        const order = [sequence, position.ms, position.n, index];
        const old = standing.get(voter.toString());
        if (old !== undefined) sum.superseded++;
        if (old === undefined || isAfter(order, old.order)) standing.set(voter.toString(), { order, choice });
      } else if (voteId !== '' && ids.has(voteId)) {
        sum.duplicate++;
      } else {
        ids.add(voteId);
        sum.counted++;
        add(counts[contest], choice);
      }
    }
  }
  for (const { choice } of standing.values()) add(counts.pets, choice);
  sum.counted += standing.size;
  return { counts, sum, voters: standing.size };
}

function add(counts: Record<string, number> | undefined, choice: string): void {
  if (counts) counts[choice] = (counts[choice] ?? 0) + 1;
}

function isAfter(a: readonly number[], b: readonly number[]): boolean {
  const i = a.findIndex((value, at) => value !== b[at]);
  return i >= 0 && (a[i] ?? 0) > (b[i] ?? 0);
}

/** Only the counts of options, without counters and zeros. */
function options(tally: Record<string, string>): Record<string, number> {
  const pairs = Object.entries(tally).filter(([name, count]) => !name.startsWith(':') && count !== '0');
  return Object.fromEntries(pairs.map(([name, count]) => [name, Number(count)]));
}

const anyVote = fc.oneof(
  fc
    .record({
      choice: fc.constantFrom('cats', 'dogs', 'fish'),
      voter: fc.nat(6),
      sequence: fc.constantFrom(0, 0, 1, 2, 300, 2 ** 53 - 1),
    })
    .map(({ choice, voter, sequence }) => vote('pets', choice, voter, { sequence })),
  fc
    .record({
      choice: fc.constantFrom('alux', 'tona'),
      voter: fc.nat(6),
      voteId: fc.constantFrom('', 'i1', 'i2', 'i3', 'i4'),
    })
    .map(({ choice, voter, voteId }) => vote('bands', choice, voter, { voteId })),
);

const anyEntries = fc
  .uniqueArray(
    fc.record({ ms: fc.integer({ min: 4900, max: 5020 }), n: fc.nat(2), votes: fc.array(anyVote, { maxLength: 6 }) }),
    {
      selector: ({ ms, n }) => `${ms}-${n}`,
      maxLength: 40,
    },
  )
  .map((rows) =>
    rows
      .sort((a, b) => a.ms - b.ms || a.n - b.n)
      .map(({ ms, n, votes }): TallyEntry => ({ id: { ms, n }, position: { ms, n }, notify: false, votes })),
  );

test('calls in any order, split or repeated, give the result of the model', async () => {
  await fc.assert(
    fc.asyncProperty(anyEntries, fc.infiniteStream(fc.nat(1000)), async (entries, random) => {
      await deliver(entries);
      const next = () => random.next().value ?? 0;
      // Two workers get each entry, in different orders, as after claims, late workers and lost replies.
      const calls = [...entries, ...entries].map((one) => ({ one, order: next() })).sort((a, b) => a.order - b.order);
      const workers = [createTally({ redis, ...tallyOptions }), createTally({ redis, ...tallyOptions })];
      const states: string[] = [];
      for (let from = 0; from < calls.length; ) {
        const to = from + 1 + (next() % 8);
        const part = calls.slice(from, to).map(({ one }) => one);
        states.push(...((await workers[next() % 2]?.count(0, part)) ?? []));
        from = to;
      }
      expect(states.filter((state) => state === 'counted').length).toBe(entries.length);

      const { counts, sum, voters } = expected(entries);
      const pets = await hash(tallyKey(0, 'pets'));
      const bands = await hash(tallyKey(0, 'bands'));
      expect(options(pets)).toStrictEqual(counts.pets);
      // The order decides which of two votes with the same vote_id counts, but not how many count.
      const total = (of: Record<string, number>) => Object.values(of).reduce((a, b) => a + b, 0);
      expect(total(options(bands))).toBe(total(counts.bands));
      expect(Number(pets[':voters'] ?? 0)).toBe(voters);
      expect(await redis.send(votersKey(0, 'pets'), ['HLEN', votersKey(0, 'pets')])).toBe(voters);
      const ledger = await hash(ledgerKey(0));
      for (const [column, count] of Object.entries(sum)) expect(Number(ledger[column] ?? 0), column).toBe(count);
      expect(Number(ledger.entries ?? 0)).toBe(entries.length);
      expect((await redis.send(streamKey(0), ['XPENDING', streamKey(0), TALLY_GROUP], parseArray))[0]).toBe(0);
    }),
    { numRuns: 60 },
  );
});

test('an older vote never overrides a newer one, in any order of entries', async () => {
  const entries = [
    entry(1000, [vote('pets', 'cats', 1, { sequence: 7 })]),
    entry(2000, [vote('pets', 'dogs', 1, { sequence: 6 })]),
    entry(3000, [vote('pets', 'fish', 2)]),
    entry(4000, [vote('pets', 'dogs', 2)]),
  ];
  await deliver(entries);
  const tally = createTally({ redis, ...tallyOptions });
  await tally.count(0, entries.toReversed());
  expect(options(await hash(tallyKey(0, 'pets')))).toStrictEqual({ cats: 1, dogs: 1 });
  const voters = await hash(votersKey(0, 'pets'));
  expect(Object.values(voters).sort()).toStrictEqual(['cats 7 1000-0 0', 'dogs 0 4000-0 0']);
});

test('notifies a waiting client of the outcome of each vote', async () => {
  const entries = [
    entry(1000, [vote('pets', 'cats', 1), vote('pets', 'dogs', 2)], true),
    entry(
      2000,
      [vote('pets', 'dogs', 1), vote('bands', 'alux', 1, { voteId: 'i' }), vote('bands', 'alux', 1, { voteId: 'i' })],
      true,
    ),
    entry(3000, [vote('pets', 'dogs', 3)]),
    entry(9000, [vote('pets', 'dogs', 4)], true),
  ];
  await deliver(entries);
  const messages: string[] = [];
  await using listener = redis.duplicate('listener');
  await listener.whenReady();
  await listener.subscribe([countedChannel(0)], (message) => messages.push(message));
  await createTally({ redis, ...tallyOptions }).count(0, entries);
  await createTally({ redis, ...tallyOptions }).count(0, entries);
  await waitFor(() => messages.length >= 3);
  expect(messages.sort()).toStrictEqual(['1000-0 sc', '2000-0 ccd', '9000-0 l']);
});

test('an entry for a contest without rules stays pending and does not block others', async () => {
  const entries = [entry(1000, [vote('ghosts', 'boo', 1)]), entry(2000, [vote('pets', 'cats', 1)])];
  await deliver(entries);
  const here = createTally({ redis, ...tallyOptions });
  expect(await here.count(0, entries)).toStrictEqual(['unknown-contest', 'counted']);
  const elsewhere = createTally({ redis, ...tallyOptions, ruleOf: () => 'open' });
  expect(await elsewhere.count(0, entries.slice(0, 1))).toStrictEqual(['unknown-contest']);
  expect((await redis.send(streamKey(0), ['XPENDING', streamKey(0), TALLY_GROUP], parseArray))[0]).toBe(1);
});

test('an invalid value in a hash fails the call before the first write', async () => {
  const entries = [entry(1000, [vote('pets', 'cats', 1)])];
  for (const spoil of [
    ['HSET', tallyKey(0, 'pets'), 'cats', 'many'],
    ['HSET', tallyKey(0, 'pets'), ':version', '1.5'],
    ['HSET', ledgerKey(0), 'votes', 'x'],
    ['HSET', votersKey(0, 'pets'), Buffer.alloc(16, 'v1 '), 'not a vote'],
    ['SET', tallyKey(0, 'pets'), 'x'],
    ['HSET', rulesKey(0), 'pets', 'x'],
    ['HSET', rulesKey(0), 'pets', 'open 0 0'],
  ]) {
    await deliver(entries);
    await redis.send(streamKey(0), spoil);
    await expect(createTally({ redis, ...tallyOptions }).count(0, entries), String(spoil)).rejects.toThrow(
      /CORRUPT|WRONGTYPE/,
    );
    expect((await redis.send(streamKey(0), ['XPENDING', streamKey(0), TALLY_GROUP], parseArray))[0]).toBe(1);
    expect(await redis.send(ledgerKey(0), ['HGET', ledgerKey(0), 'entries'])).toBe(null);
  }
});

test('splits a call that exceeds the limits of a script', async () => {
  const entries = Array.from({ length: 130 }, (_, i) =>
    entry(
      1000 + i,
      Array.from({ length: i === 7 ? 9000 : 20 }, (_, v) => vote('pets', 'cats', i * 10_000 + v)),
    ),
  );
  await deliver(entries);
  const outcomes = await createTally({ redis, ...tallyOptions }).count(0, entries);
  expect(outcomes.every((outcome) => outcome === 'counted')).toBeTruthy();
  expect((await hash(tallyKey(0, 'pets'))).cats).toBe(
    `${new Set(entries.flatMap(({ votes }) => votes.map(({ voter }) => voter.toString()))).size}`,
  );
});

test('the header of the script and its wrapper agree', () => {
  const header = tallyScript.source.slice(0, tallyScript.source.indexOf('\nlocal '));
  const { keys, args } = new TallyPacker(tallyOptions).pack(2, [
    entry(1000, [vote('pets', 'cats', 1), vote('bands', 'alux', 1, { voteId: 'i' })]),
  ]);
  const pattern = (name: string) => new RegExp(`^-- ${name}\\S* +(\\S+) +(\\S+)`, 'm');
  for (const [i, key] of keys.slice(0, 5).entries()) {
    expect(
      pattern(`KEYS\\[${i + 1}`)
        .exec(header)?.[2]
        ?.replace('N', '2'),
    ).toBe(key);
  }
  expect(args.length).toBe([...header.matchAll(/^-- ARGV\[/gm)].length);
  expect(pattern('ARGV\\[2')?.exec(header)?.[2]?.replace('N', '2')).toBe(args[1]);
  const tables = [
    '{p2}:tally:pets',
    '{p2}:voters:pets',
    '{p2}:tally:bands',
    '{p2}:ids:bands:-1',
    '{p2}:ids:bands:0',
    '{p2}:ids:bands:1',
  ];
  expect(keys.slice(5)).toStrictEqual(tables);
  for (const kind of ['tally', 'voters', 'ids']) expect(header).toMatch(new RegExp(`{pN}:${kind}:<contest>`));
  // The script must not read arguments that the header does not list.
  const read = new Set([...tallyScript.source.matchAll(/ARGV\[(\d)\]/g)].map(([, n]) => Number(n)));
  expect(Math.max(...read)).toBe(args.length);
});
