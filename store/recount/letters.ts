import type { LogStore } from '../log/log-store.ts';
import type { Redis } from '../redis/redis.ts';
import { listOf, parseText } from '../redis/replies.ts';
import { listDeadLetters } from '../streams/dead-letters.ts';
import { compareEntryIds, type EntryId, parseEntryId } from '../streams/entry-id.ts';
import { failuresKey, LOG_GROUP, TALLY_GROUP } from '../streams/keys.ts';
import type { TallyVote } from '../tally/tally.ts';
import type { RecountEntry } from './recount-tables.ts';

/** The dead letters of a partition, as far as they matter to a recount. */
export interface LetterReport {
  /** Dead letters of all contests. */
  readonly total: number;
  /** Dead letters of group `log` with their votes: the tally has counted them, but the log lacks them. */
  readonly unlogged: readonly RecountEntry[];
  /** Positions of dead letters of group `tally` whose votes the recount counts from the log. */
  readonly counted: readonly string[];
}

export interface LetterOptions {
  readonly redis: Redis;
  readonly log: LogStore;
  readonly partition: number;
  readonly epoch: string;
  readonly contest: string;
  /** The recount covers entries up to this id, except those pending in the tally. */
  readonly upTo: EntryId;
  readonly pending: ReadonlySet<string>;
  /** Decodes an entry; undefined if its bytes are not a VoteBatch. */
  readonly decode: (bytes: Uint8Array) => readonly TallyVote[] | undefined;
}

/** True while replayed dead letters of the partition are not handled yet, for which a recount waits. */
export async function hasReplays(redis: Redis, partition: number): Promise<boolean> {
  const key = failuresKey(partition);
  const fields = await redis.send(key, ['HKEYS', key], listOf(parseText));
  return fields.some((field) => field.startsWith('replay '));
}

export async function readLetters(options: LetterOptions): Promise<LetterReport> {
  const { redis, log, partition, epoch, contest, upTo, pending, decode } = options;
  const letters = await listDeadLetters(redis, partition);
  const unlogged: RecountEntry[] = [];
  const counted: string[] = [];
  for (const { group, position, bytes } of letters) {
    const id = parseEntryId(position);
    if (id === undefined || compareEntryIds(id, upTo) > 0 || pending.has(position)) continue;
    const isLogged = (await log.vote({ partition, epoch, entryId: position }, 0)) !== undefined;
    const votes = isLogged ? undefined : decode(bytes)?.map((vote) => (vote.contest === contest ? vote : undefined));
    if (group === LOG_GROUP && votes?.some((vote) => vote !== undefined)) unlogged.push({ position: id, epoch, votes });
    const hasLogLetter = letters.some((other) => other.group === LOG_GROUP && other.position === position);
    if (group === TALLY_GROUP && (isLogged || (hasLogLetter && votes !== undefined))) counted.push(position);
  }
  return { total: letters.length, unlogged, counted };
}
