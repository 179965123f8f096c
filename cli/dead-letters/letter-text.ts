import { fromBinary, toJsonString } from '@bufbuild/protobuf';
import { VoteBatchSchema } from '../../proto/gen/votewire/v1/vote_pb.ts';
import type { DeadLetter } from '../../store/streams/dead-letters.ts';

export const NO_LONGER_EXISTS = 'no longer exists: another process replayed or discarded it';

export function nameOf({ partition, group, id }: DeadLetter): string {
  return `${partition}/${group}/${id}`;
}

/** One line for a list. */
export function rowOf(letter: DeadLetter): string {
  const { firstFailure, lastFailure, deliveries, votes, reason } = letter;
  return `${nameOf(letter)}  first ${firstFailure}  last ${lastFailure}  deliveries ${deliveries}  votes ${votes}  ${reason}`;
}

/** The fields of a letter without its bytes, for JSON. */
export function summarize(letter: DeadLetter): object {
  const { bytes, ...rest } = letter;
  return { name: nameOf(letter), ...rest, size: bytes.length };
}

/** All fields of a letter and its votes. */
export function describe(letter: DeadLetter): string {
  const details = { ...summarize(letter), bytes: letter.bytes.toString('base64') };
  return `${JSON.stringify(details, undefined, 2)}\n${votesOf(letter)}`;
}

function votesOf({ bytes }: DeadLetter): string {
  try {
    return toJsonString(VoteBatchSchema, fromBinary(VoteBatchSchema, bytes), { prettySpaces: 2 });
  } catch (error) {
    return `Not a VoteBatch: ${error instanceof Error ? error.message : error}`;
  }
}
