import { parseEntryId } from '../streams/entry-id.ts';
import type { LogEntry } from './log-store.ts';
import { VOTER_KEY_BYTES } from './packed-votes.ts';

/** The reason why no log can store an entry; undefined if it can be stored. */
export function whyRefused(entry: LogEntry): string | undefined {
  if (parseEntryId(entry.entryId) === undefined) return 'its id is not a stream entry id';
  const vote = entry.votes.findIndex((each) => each.voter.length !== VOTER_KEY_BYTES);
  if (vote !== -1) return `the voter key of vote ${vote} is not ${VOTER_KEY_BYTES} bytes long`;
  if (entry.contentHash.length !== 32) return 'its content hash is not 32 bytes long';
  if (Number.isNaN(entry.receivedAt.getTime())) return 'it has no valid time of receipt';
  return undefined;
}
