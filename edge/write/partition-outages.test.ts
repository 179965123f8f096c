import { expect, test } from 'vitest';
import { PartitionOutages } from './partition-outages.ts';

const stored = { status: 'stored', entryId: '1-0' } as const;
const unknown = { status: 'unknown', detail: 'no answer' } as const;

test('a partition is unavailable from a failed write until a successful one', () => {
  const outages = new PartitionOutages();
  outages.observe(3, unknown);
  outages.observe(1, { status: 'rejected', reason: 'unavailable' });
  // A full stream or full memory is not an outage.
  outages.observe(2, { status: 'rejected', reason: 'overloaded' });
  expect(outages.partitions).toStrictEqual([1, 3]);
  outages.observe(3, stored);
  expect(outages.partitions).toStrictEqual([1]);
});

test('an outage expires if no vote arrives to check whether it lasts', () => {
  let now = 0;
  const outages = new PartitionOutages(() => now);
  outages.observe(0, unknown);
  now = 9_000;
  expect(outages.partitions).toStrictEqual([0]);
  outages.observe(0, unknown);
  now = 15_000;
  expect(outages.partitions).toStrictEqual([0]);
  now = 20_000;
  expect(outages.partitions).toStrictEqual([]);
});
