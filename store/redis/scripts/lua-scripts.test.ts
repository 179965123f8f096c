import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { replaceContest } from '../../contests/records/replace-contest.ts';
import { clearContest } from '../../contests/rules/clear-contest.ts';
import { openPartition } from '../../deployment/partition.ts';
import { raiseSchema } from '../../deployment/raise-schema.ts';
import { restoreSettings } from '../../deployment/settings.ts';
import { freezeContest } from '../../recount/freeze.ts';
import { deadLetterEntries, replayDeadLetter } from '../../streams/dead-letters.ts';
import * as keys from '../../streams/keys.ts';
import { acknowledge, removeConsumer, trim } from '../../streams/stream-groups.ts';
import { readStreamPosition } from '../../streams/stream-info.ts';
import { readCountedBy } from '../../tally/counted-by.ts';
import { readEntryState } from '../../tally/receipt-status.ts';
import type { Redis } from '../redis.ts';

const store = join(import.meta.dirname, '../..');
const files = readdirSync(store, { recursive: true, encoding: 'utf8' }).filter(
  (name) => name.endsWith('.lua') && !name.endsWith('replace-tally.lua'),
);

/** The keys of keys.ts for partition 7, by their notation in headers. */
const known = new Set(
  [
    () => keys.contestsKey,
    () => keys.clusterKey,
    keys.streamKey,
    keys.deadKey,
    keys.failuresKey,
    keys.ledgerKey,
    keys.rulesKey,
    keys.epochKey,
    keys.countedChannel,
    keys.countedByKey,
    (partition: number) => keys.tallyKey(partition, '<contest>'),
    (partition: number) => keys.votersKey(partition, '<contest>'),
  ].map((make) => make(7).replace('p7', 'pN')),
);

for (const file of files) {
  const source = readFileSync(join(store, file), 'utf8');
  const header = source.slice(0, source.search(/^[^-\n]/m));
  const code = source.slice(header.length);

  test(`${file}: its header lists exactly the keys and arguments that it reads`, () => {
    for (const list of ['KEYS', 'ARGV']) {
      const named = [...header.matchAll(new RegExp(`^-- ${list}\\[(\\d+)(\\.\\.\\.)?\\]`, 'gm'))].map(
        ([, n, rest]) => ({
          n: Number(n),
          rest: rest !== undefined,
        }),
      );
      expect(
        named.map(({ n }) => n),
        `${list} are numbered in order`,
      ).toStrictEqual(named.map((_, i) => i + 1));
      const read = new Set([...code.matchAll(new RegExp(`${list}\\[(\\d+)\\]`, 'g'))].map(([, n]) => Number(n)));
      const fixed = named.filter(({ rest }) => !rest).map(({ n }) => n);
      for (const n of fixed) expect(read.has(n), `${list}[${n}] is listed but not read`).toBeTruthy();
      for (const n of read)
        expect(
          named.some((entry) => entry.n === n),
          `${list}[${n}] is read but not listed`,
        ).toBeTruthy();
      if (named.some(({ rest }) => rest)) expect(code).toMatch(new RegExp(`#${list}|${list}\\[[a-z]`));
    }
  });

  test(`${file}: its header uses the keys of keys.ts and documents the return value`, () => {
    for (const [, key] of header.matchAll(/^-- KEYS\[\d+\] \S+ +(\S+)$/gm))
      expect(known.has(key ?? ''), key).toBeTruthy();
    expect(header).toMatch(/^-- Returns /m);
  });
}

/** A call of each script's wrapper; tally.lua has its own test. */
const wrappers: Readonly<Record<string, (redis: Redis) => Promise<unknown>>> = {
  'streams/acknowledge.lua': (redis) =>
    acknowledge(redis, { partition: 7, group: 'log', column: 'logged', entries: [{ id: '1-0', votes: 2 }] }),
  'tally/receipt.lua': (redis) => readEntryState(redis, { partition: 7, epoch: 'e', entryId: '1-0', index: 0 }),
  'tally/counted-by.lua': (redis) => readCountedBy(redis, { partition: 7, epoch: 'e', entryId: '1-0', index: 0 }),
  'streams/remove-consumer.lua': (redis) => removeConsumer(redis, 7, 'log', 'c'),
  'contests/rules/clear-contest.lua': (redis) =>
    clearContest(redis, 7, { contest: '<contest>', rule: 'open 0 0', before: 1, keepVersion: true }),
  'contests/records/replace-contest.lua': (redis) => replaceContest(redis, 'lunch', '{}', '{}'),
  'streams/replay.lua': (redis) => replayDeadLetter(redis, { partition: 7, group: 'log', id: '1-0' }),
  'streams/dead-letter.lua': (redis) =>
    deadLetterEntries(redis, { partition: 7, group: 'log', id: '1-0', reason: 'r', limit: 1, votes: 0 }),
  'streams/trim.lua': (redis) => trim(redis, 7, 0),
  'streams/stream-position.lua': (redis) => readStreamPosition(redis, 7),
  'recount/freeze.lua': (redis) => freezeContest(redis, { partition: 7, contest: 'pets', ms: 1 }),
  'deployment/open-partition.lua': (redis) => openPartition(redis, 7, { epoch: 'e', rules: ['pets', 'open 0 0'] }),
  'deployment/raise-schema.lua': (redis) => raiseSchema(redis, 2),
  'deployment/restore-settings.lua': (redis) =>
    restoreSettings(redis, { partitions: 4, secret: Buffer.from('s'), storedSecret: 's', created: 0 }),
};

test('every script has a wrapper that passes the keys and arguments of its header', async () => {
  expect(Object.keys(wrappers).sort()).toStrictEqual(files.filter((file) => file !== 'tally/tally.lua').sort());
  for (const [file, call] of Object.entries(wrappers)) {
    const sent: string[][] = [];
    const refuse = (_: unknown, command: string[]) => {
      sent.push(command);
      return Promise.reject(new Error('only the command is checked'));
    };
    await expect(call({ send: refuse, sendBytes: refuse } as unknown as Redis)).rejects.toThrow();
    const [name, , count, ...rest] = sent[0] ?? [];
    expect(name).toBe('EVALSHA');
    const source = readFileSync(join(store, file), 'utf8');
    const named = [...source.matchAll(/^-- KEYS\[\d+\] \S+ +(\S+)$/gm)].map(([, key]) => key?.replace('pN', 'p7'));
    expect(rest.slice(0, Number(count)), file).toStrictEqual(named);
    const args = [...source.matchAll(/^-- ARGV\[\d+(\.\.\.)?\]/gm)];
    const given = rest.length - Number(count);
    const open = args.at(-1)?.[1] !== undefined;
    expect(
      open ? given >= args.length : given === args.length,
      `${file}: ${given} arguments for ${args.length}`,
    ).toBeTruthy();
  }
});
