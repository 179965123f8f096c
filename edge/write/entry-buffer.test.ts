import { fromBinary } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { Path, VoteBatchSchema } from '../../proto/gen/votewire/v1/vote_pb.ts';
import { BufferPool, EntryBuffer, entryHeader, MAX_ENTRY_VOTES } from './entry-buffer.ts';

/** `{ contest: 'c', choice: 'o', voter }`, framed as an element of VoteBatch.votes. */
function framed(voter: string): Uint8Array {
  const vote = Buffer.concat([Buffer.from([10, 1, 99, 18, 1, 111, 26, voter.length]), Buffer.from(voter)]);
  return Buffer.concat([Buffer.from([0x22, vote.length]), vote]);
}

const HEADER = entryHeader(Path.HTTP, 'edge-1');

test('an entry is a VoteBatch that protobuf can read', () => {
  const pool = new BufferPool();
  const entry = new EntryBuffer({ path: Path.HTTP, partition: 3 }, HEADER, pool);
  for (let i = 0; i < MAX_ENTRY_VOTES; i++) {
    const bytes = framed(`voter-${i}`);
    expect(entry.fits(bytes.length, 1)).toBeTruthy();
    entry.append(bytes, 0, bytes.length, pool);
    entry.count++;
  }
  expect(entry.fits(10, 1)).toBe(false);
  entry.notify = true;
  const batch = fromBinary(VoteBatchSchema, entry.finish());
  expect(batch.path).toBe(Path.HTTP);
  expect(batch.edge).toBe('edge-1');
  expect(Number(batch.receivedAt)).toBe(entry.createdAt);
  expect(batch.notify).toBe(true);
  expect(batch.votes.map(({ voter }) => voter)).toStrictEqual(
    Array.from({ length: MAX_ENTRY_VOTES }, (_, i) => `voter-${i}`),
  );
  // A second attempt to write it sends the same bytes.
  expect(fromBinary(VoteBatchSchema, entry.finish()).notify).toBe(true);
  entry.release(pool, true);
  expect(pool.bytesInUse).toBe(0);
});

test('a buffer that is used again holds nothing of the entry before', () => {
  const pool = new BufferPool();
  const first = new EntryBuffer({ path: Path.HTTP, partition: 0 }, HEADER, pool);
  const bytes = framed('somebody');
  first.append(bytes, 0, bytes.length, pool);
  first.notify = true;
  first.finish();
  first.release(pool, true);
  const second = new EntryBuffer({ path: Path.GRPC, partition: 0 }, entryHeader(Path.GRPC, 'e'), pool);
  const batch = fromBinary(VoteBatchSchema, second.finish());
  expect([batch.votes.length, batch.path, batch.notify, batch.edge]).toStrictEqual([0, Path.GRPC, false, 'e']);
});
