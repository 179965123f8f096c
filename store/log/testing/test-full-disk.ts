import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openLogStore } from '../open-log-store.ts';
import { testEntry } from './test-entries.ts';

/** Fills a small file system, frees space, and fails if a confirmed vote is missing. */
const dir = process.argv[2] ?? '';
const ballast = join(dir, 'ballast');
writeFileSync(ballast, Buffer.alloc(26e6));
await using log = await openLogStore({ mongodbUrl: undefined, dataDir: dir, logTtlDays: 0 });

const VOTES = 200;
let confirmed = 0;

async function append(): Promise<string | undefined> {
  const votes = Array(VOTES).fill({ attributes: { album: 'x'.repeat(100) } });
  const entries = Array.from({ length: 20 }, (_, i) => testEntry(confirmed + i, { votes }));
  try {
    await log.append(entries);
    confirmed += entries.length;
    return undefined;
  } catch (error) {
    return String(error);
  }
}

let failure: string | undefined;
while (failure === undefined) failure = await append();
assert.match(failure, /disk is full/);
assert.ok(confirmed > 0);
assert.match((await append()) ?? '', /disk is full/, 'the disk is still full');
assert.equal((await log.page({ limit: 20 })).items.length, 20, 'reads continue');
rmSync(ballast);
for (let i = 0; i < 5; i++) assert.equal(await append(), undefined, 'appends succeed again');

let votes = 0;
for await (const _ of log.scan({})) votes++;
assert.equal(votes, confirmed * VOTES);
assert.deepEqual(await log.totals(), { entries: confirmed, votes });
