import type { Redis } from '../redis/redis.ts';
import { listOf, nullable, oneOf, parseBytes, parseText, tupleOf } from '../redis/replies.ts';
import { LuaScript } from '../redis/scripts/lua-script.ts';
import { deadKey, failuresKey, ledgerKey, streamKey } from './keys.ts';

/** An entry that could not be counted (group `tally`) or logged (group `log`) and waits for a person. */
export interface DeadLetter {
  readonly partition: number;
  readonly group: string;
  readonly id: string;
  readonly reason: string;
  readonly firstFailure: string;
  readonly lastFailure: string;
  readonly failures: number;
  /** How often the entry was handed to a consumer. */
  readonly deliveries: number;
  /** Votes in it, as far as it could be read. */
  readonly votes: number;
  /** The entry's field whose value `bytes` are; `b` unless somebody else wrote it. */
  readonly field: string;
  readonly bytes: Buffer;
}

/** An entry that failed. */
export interface FailedEntry {
  readonly partition: number;
  readonly group: string;
  readonly id: string;
  readonly reason: string;
  /** Put aside at the failure of this number; 1: now. */
  readonly limit: number;
  readonly votes: number;
}

const deadLetterScript = new LuaScript(new URL('./dead-letter.lua', import.meta.url));
const replayScript = new LuaScript(new URL('./replay.lua', import.meta.url));

const parseOutcome = oneOf(['retry', 'dead', 'gone']);

/** Notes a failure. `dead`: the entry is a dead letter now; `gone`: somebody else is done with it. */
export function deadLetterEntries(redis: Redis, entry: FailedEntry): Promise<'retry' | 'dead' | 'gone'> {
  const { partition, group, id, limit, reason, votes } = entry;
  const keys = [streamKey(partition), deadKey(partition), failuresKey(partition), ledgerKey(partition)];
  return deadLetterScript.run(redis, keys, [group, id, `${limit}`, reason.slice(0, 500), `${votes}`], parseOutcome);
}

/** All dead letters of a partition, oldest entry first. */
export async function listDeadLetters(redis: Redis, partition: number): Promise<DeadLetter[]> {
  const key = deadKey(partition);
  const letters: DeadLetter[] = [];
  const seen = new Set<string>();
  let cursor = '0';
  do {
    const [next, pairs] = await redis.sendBytes(
      key,
      ['HSCAN', key, cursor, 'COUNT', '100'],
      tupleOf(parseBytes, listOf(parseBytes)),
    );
    cursor = next.toString();
    for (let i = 0; i < pairs.length; i += 2) {
      // A scan may show a field twice.
      const name = pairs[i]?.toString() ?? '';
      if (!seen.has(name)) letters.push(parseLetter(partition, pairs[i + 1] ?? Buffer.alloc(0)));
      seen.add(name);
    }
  } while (cursor !== '0');
  return letters.sort((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true }));
}

/**
 * Puts a dead letter back into its stream, for its own group.
 * Returns the new entry's id; undefined where there is no such letter (any more).
 */
export async function replayDeadLetter(
  redis: Redis,
  letter: Pick<DeadLetter, 'partition' | 'group' | 'id'>,
): Promise<string | undefined> {
  const { partition } = letter;
  const keys = [streamKey(partition), deadKey(partition), ledgerKey(partition), failuresKey(partition)];
  return (await replayScript.run(redis, keys, [letter.group, letter.id], nullable(parseText))) ?? undefined;
}

/** A replay was handled: receipts of the votes, which name their first position, need its new entry no more. */
export async function forgetReplays(
  redis: Redis,
  partition: number,
  { group, positions }: { readonly group: string; readonly positions: readonly string[] },
): Promise<void> {
  const key = failuresKey(partition);
  const fields = positions.map((position) => `replay ${group} ${position}`);
  if (fields.length > 0) await redis.send(key, ['HDEL', key, ...fields]);
}

function parseLetter(partition: number, value: Buffer): DeadLetter {
  const line = value.indexOf(0x0a);
  const meta = JSON.parse(value.toString('utf8', 0, line)) as Record<string, unknown>;
  const text = (name: string) => String(meta[name] ?? '');
  const number = (name: string) => Number(meta[name] ?? 0);
  return {
    partition,
    group: text('group'),
    id: text('id'),
    reason: text('reason'),
    firstFailure: new Date(number('firstFailure')).toISOString(),
    lastFailure: new Date(number('lastFailure')).toISOString(),
    failures: number('failures'),
    deliveries: number('deliveries'),
    votes: number('votes'),
    field: text('field'),
    bytes: value.subarray(line + 1),
  };
}
