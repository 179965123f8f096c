import type { Redis } from '../../redis/redis.ts';
import { nullable, parseText } from '../../redis/replies.ts';
import { storeLog } from '../../store-log.ts';
import { contestsKey } from '../../streams/keys.ts';
import type { Contest } from '../contest.ts';
import { parseStoredContest } from '../fields/parse-contest.ts';
import { ORIGIN_FIELD } from './contest-origin.ts';

/** A contest in Redis, with the text that an update must replace. */
export interface StoredContest {
  readonly text: string;
  readonly contest: Contest;
}

/** Reads a contest from Redis; undefined if it does not exist or is invalid. */
export async function readStoredContest(redis: Redis, id: string): Promise<StoredContest | undefined> {
  const text = await redis.send(contestsKey, ['HGET', contestsKey, id], nullable(parseText));
  const [contest] = text === null || id === ORIGIN_FIELD ? [] : parseStored(text);
  return text === null || contest === undefined ? undefined : { text, contest };
}

/** Parses the text of a field. An invalid contest is logged and skipped, so that the others are still served. */
export function parseStored(text: string): Contest[] {
  const parsed = parseStoredContest(text);
  if (parsed.ok) return [parsed.contest];
  const [{ field, message } = { field: '', message: '' }] = parsed.errors;
  storeLog.error(
    `Ignoring an invalid contest in Redis (hash ${contestsKey}): ${field}: ${message} ` +
      `Correct or delete its field; its value is ${text.slice(0, 200)}`,
  );
  return [];
}
