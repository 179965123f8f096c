import type { Redis } from '../redis/redis.ts';
import { listOf, nullable, oneOf, parseBytes, parseInteger, parseText, tupleOf } from '../redis/replies.ts';
import { LuaScript } from '../redis/scripts/lua-script.ts';
import { deadKey, failuresKey, ledgerKey, streamKey } from './keys.ts';

/** An entry that could not be counted (group `tally`) or logged (group `log`) and needs an operator. */
export interface DeadLetter {
  readonly partition: number;
  readonly group: string;
  readonly id: string;
  /** The id of the original entry; differs from `id` if this entry was a replay. */
  readonly position: string;
  readonly reason: string;
  readonly firstFailure: string;
  readonly lastFailure: string;
  readonly failures: number;
  /** Number of deliveries to consumers. */
  readonly deliveries: number;
  /** Number of votes, as far as the entry could be read. */
  readonly votes: number;
  /** The entry's field that `bytes` come from; `b` unless another program wrote the entry. */
  readonly field: string;
  readonly bytes: Buffer;
}

/** A failed entry. */
export interface FailedEntry {
  readonly partition: number;
  readonly group: string;
  readonly id: string;
  readonly reason: string;
  /** Dead-letter the entry at this number of failures; 1: now. */
  readonly limit: number;
  readonly votes: number;
}

const deadLetterScript = new LuaScript(new URL('./dead-letter.lua', import.meta.url));
const replayScript = new LuaScript(new URL('./replay.lua', import.meta.url));

const parseOutcome = oneOf(['retry', 'dead', 'gone']);

/** Records a failure. `dead`: the entry is now a dead letter; `gone`: another consumer has handled it. */
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
      // HSCAN may return a field twice.
      const name = pairs[i]?.toString() ?? '';
      if (!seen.has(name)) letters.push(parseLetter(partition, pairs[i + 1] ?? Buffer.alloc(0)));
      seen.add(name);
    }
  } while (cursor !== '0');
  return letters.sort((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true }));
}

/**
 * Appends a dead letter to its stream again, for the group that failed only.
 * Returns the new entry's id; undefined if there is no such dead letter.
 */
export async function replayDeadLetter(
  redis: Redis,
  letter: Pick<DeadLetter, 'partition' | 'group' | 'id'>,
): Promise<string | undefined> {
  const { partition } = letter;
  const keys = [streamKey(partition), deadKey(partition), ledgerKey(partition), failuresKey(partition)];
  return (await replayScript.run(redis, keys, [letter.group, letter.id], nullable(parseText))) ?? undefined;
}

/**
 * Removes a dead letter for good; false if it does not exist. Its votes stay in the ledger as dead, but a recount
 * counts those in the log.
 */
export async function discardDeadLetter(
  redis: Redis,
  { partition, group, id }: Pick<DeadLetter, 'partition' | 'group' | 'id'>,
): Promise<boolean> {
  const key = deadKey(partition);
  return (await redis.send(key, ['HDEL', key, `${group} ${id}`], parseInteger)) === 1;
}

/** The state of a replay. `waiting`: not handled yet; `failed`: it is a dead letter again. */
export async function replayState(
  redis: Redis,
  { partition, group, position }: Pick<DeadLetter, 'partition' | 'group' | 'position'>,
  newId: string,
): Promise<'waiting' | 'failed' | 'handled'> {
  const [dead, failures] = [deadKey(partition), failuresKey(partition)];
  const isDead = await redis.send(dead, ['HEXISTS', dead, `${group} ${newId}`], parseInteger);
  if (isDead === 1) return 'failed';
  const isWaiting = await redis.send(failures, ['HEXISTS', failures, `replay ${group} ${position}`], parseInteger);
  return isWaiting === 1 ? 'waiting' : 'handled';
}

/** Removes the records of handled replays, so that their receipts are answered from the tally again. */
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
    position: text('replay').split(' ')[1] ?? text('id'),
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
