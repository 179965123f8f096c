import { expect, test } from 'vitest';
import { startTestRedis } from '../../tests/support/test-redis.ts';
import { ensurePartition } from '../deployment/partition.ts';
import { recordRestoration } from '../deployment/restoration.ts';
import { streamKey } from '../streams/keys.ts';
import { readLedger } from './ledger.ts';
import { acceptLogLead } from './log-lead.ts';
import { readSystem } from './system.ts';

test('warns about a restoration, a tally older than the log, and a clock that was set back', async () => {
  await using fixture = await startTestRedis();
  const { redis } = fixture;
  await ensurePartition(redis, 0);
  const log = (votes: number) => ({ totals: async () => ({ entries: votes, votes }) });
  expect((await readSystem(redis, 1, log(0))).warnings).toStrictEqual([]);

  // The ledger is as old as the tally.
  expect((await readSystem(redis, 1, log(2000))).warnings).toStrictEqual([
    expect.stringMatching(/^The log has 2000 more votes than the ledger: .* recount -- --all --apply$/),
  ]);
  await acceptLogLead(redis, await readLedger(redis, 1), log(2000));
  expect((await readSystem(redis, 1, log(2000))).warnings).toStrictEqual([]);

  await recordRestoration(redis, { by: 'edge a', partitions: [0] });
  await redis.send(streamKey(0), ['XADD', streamKey(0), `${Date.now() + 60_000}-0`, 'b', '']);
  expect((await readSystem(redis, 1)).warnings).toStrictEqual([
    expect.stringMatching(/^Redis lost its data; edge a restored .* partitions 0 were lost\./),
    expect.stringMatching(/^The clock of Redis was set back: entry ids are \d\d s ahead/),
  ]);
});
