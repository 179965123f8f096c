import { fromBinary } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { VoteBatchSchema } from '../../../proto/gen/votewire/v1/vote_pb.ts';
import { Transport } from '../../vote/transport.ts';
import { BufferPool } from './buffer-pool.ts';
import { EntryBuffer, MAX_ENTRY_VOTES } from './entry-buffer.ts';
import { entryHeader } from './entry-header.ts';

/** `{ contest: 'c', choice: 'o', voter }`, framed as an element of VoteBatch.votes. */
function framed(voter: string): Uint8Array {
  const vote = Buffer.concat([Buffer.from([10, 1, 99, 18, 1, 111, 26, voter.length]), Buffer.from(voter)]);
  return Buffer.concat([Buffer.from([0x22, vote.length]), vote]);
}

const HEADER = entryHeader(Transport.HTTP, 'edge-1');

test('an entry is a valid VoteBatch', () => {
  const pool = new BufferPool();
  const entry = new EntryBuffer({ transport: Transport.HTTP, partition: 3 }, HEADER, pool);
  for (let i = 0; i < MAX_ENTRY_VOTES; i++) {
    const bytes = framed(`voter-${i}`);
    expect(entry.fits(bytes.length)).toBeTruthy();
    entry.append(bytes, 0, bytes.length, pool);
    entry.count++;
  }
  expect(entry.fits(10)).toBe(false);
  entry.notify = true;
  const batch = fromBinary(VoteBatchSchema, entry.finish());
  expect(batch.path).toBe(Transport.HTTP);
  expect(batch.edge).toBe('edge-1');
  expect(Number(batch.receivedAt)).toBe(entry.createdAt);
  expect(batch.notify).toBe(true);
  expect(batch.votes.map(({ voter }) => voter)).toStrictEqual(
    Array.from({ length: MAX_ENTRY_VOTES }, (_, i) => `voter-${i}`),
  );
  // A second attempt sends the same bytes.
  expect(fromBinary(VoteBatchSchema, entry.finish()).notify).toBe(true);
  entry.release(pool, true);
  expect(pool.bytesInUse).toBe(0);
});

test('a reused buffer contains nothing of the previous entry', () => {
  const pool = new BufferPool();
  const first = new EntryBuffer({ transport: Transport.HTTP, partition: 0 }, HEADER, pool);
  const bytes = framed('first');
  first.append(bytes, 0, bytes.length, pool);
  first.notify = true;
  first.finish();
  first.release(pool, true);
  const second = new EntryBuffer({ transport: Transport.GRPC, partition: 0 }, entryHeader(Transport.GRPC, 'e'), pool);
  const batch = fromBinary(VoteBatchSchema, second.finish());
  expect([batch.votes.length, batch.path, batch.notify, batch.edge]).toStrictEqual([0, Transport.GRPC, false, 'e']);
});
