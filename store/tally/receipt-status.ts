import type { Contest } from '../contests/contest.ts';
import { isOutOfTime, parseTallyRule } from '../contests/rules/contest-rule.ts';
import type { Redis } from '../redis/redis.ts';
import { nullable, oneOf, parseBytes, parseText, tupleOf } from '../redis/replies.ts';
import { LuaScript } from '../redis/scripts/lua-script.ts';
import { parseEntryId } from '../streams/entry-id.ts';
import {
  deadKey,
  epochKey,
  failuresKey,
  rulesKey,
  streamKey,
  TALLY_GROUP,
  voteIdsKey,
  votersKey,
} from '../streams/keys.ts';

/** The position of a vote, which a signed receipt contains. */
export interface VotePlace {
  readonly partition: number;
  readonly epoch: string;
  readonly entryId: string;
  /** Index of the vote in the entry, from 0. */
  readonly index: number;
}

/** The state of an entry. `bytes` is the VoteBatch while the entry is in the stream. */
export interface EntryState {
  /**
   * `queued`: not counted yet. `settled`: handled, see `readVoteOutcome`. `gone`: handled and trimmed; the log has it.
   * `dead`: a dead letter. `lost`: the stream was lost and recreated; the log may have the entry.
   */
  readonly state: 'queued' | 'settled' | 'gone' | 'dead' | 'lost';
  readonly bytes: Buffer | undefined;
}

/** The outcome of a handled vote. `queued`: not counted yet, because its replay is pending. */
export type VoteOutcome = 'counted' | 'superseded' | 'duplicate' | 'late' | 'queued';

const receiptScript = new LuaScript(new URL('./receipt.lua', import.meta.url));
const parseStateName = oneOf(['queued', 'settled', 'gone', 'dead', 'lost']);
const parseState = tupleOf((reply) => parseStateName(String(reply)), nullable(parseBytes));

export async function readEntryState(redis: Redis, place: VotePlace): Promise<EntryState> {
  const { partition, epoch, entryId } = place;
  const keys = [streamKey(partition), deadKey(partition), epochKey(partition), failuresKey(partition)];
  const args = [TALLY_GROUP, entryId, epoch];
  const [state, bytes] = await receiptScript.runBytes(redis, keys, args, parseState);
  return { state, bytes: bytes ?? undefined };
}

/**
 * Reads the outcome of a vote in a handled entry from the tally's tables.
 *
 * @param vote voter key (16 bytes) and vote_id, from the entry or the log
 */
export async function readVoteOutcome(
  redis: Redis,
  contest: Pick<Contest, 'id' | 'rule'>,
  place: Pick<VotePlace, 'partition' | 'entryId' | 'index'>,
  vote: { readonly voter: Uint8Array; readonly voteId: string; readonly voteIdWindowHours: number },
): Promise<VoteOutcome> {
  const { partition, entryId, index } = place;
  const id = parseEntryId(entryId);
  if (id === undefined) return 'queued';
  const rules = rulesKey(partition);
  const rule = await redis.send(rules, ['HGET', rules, contest.id], nullable(parseText));
  const times = parseTallyRule(rule ?? '');
  if (times !== undefined && isOutOfTime(times, id.ms)) return 'late';

  if (contest.rule === 'one-per-voter') {
    const key = votersKey(partition, contest.id);
    const effective = await redis.send(key, ['HGET', key, Buffer.from(vote.voter)], nullable(parseText));
    if (effective === null) return 'queued';
    return effective.endsWith(` ${entryId} ${index}`) ? 'counted' : 'superseded';
  }
  if (vote.voteId === '') return 'counted';
  const bucket = Math.floor(id.ms / (vote.voteIdWindowHours * 3_600_000));
  for (const at of [bucket, bucket - 1, bucket + 1]) {
    const key = voteIdsKey(partition, contest.id, at);
    const first = await redis.send(key, ['HGET', key, vote.voteId], nullable(parseText));
    if (first !== null) return first === `${entryId} ${index}` ? 'counted' : 'duplicate';
  }
  return 'counted';
}
