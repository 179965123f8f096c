import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { VoteBatchSchema } from '../../proto/gen/votewire/v1/vote_pb.ts';

const VOTES = VoteBatchSchema.field.votes.number;

/**
 * Counts the votes of an entry without decoding them, so that the ledger accounts for entries that cannot be handled. 0
 * if the entry is not a VoteBatch.
 */
export function countEntryVotes(bytes: Uint8Array | undefined): number {
  if (bytes === undefined) return 0;
  const reader = new BinaryReader(bytes);
  let votes = 0;
  try {
    while (reader.pos < reader.len) {
      const [field, type] = reader.tag();
      if (field === VOTES && type === WireType.LengthDelimited) votes++;
      reader.skip(type, field);
    }
    return votes;
  } catch {
    // The reader throws for malformed bytes, which an edge never writes.
    return 0;
  }
}
