import type { Redis } from '../redis/redis.ts';
import { listOf, parseInteger, parseText, parseUnknown, recordOf, tupleOf } from '../redis/replies.ts';
import { LuaScript } from '../redis/scripts/lua-script.ts';
import { streamKey } from './keys.ts';

/** The reply of XINFO STREAM. */
export interface StreamInfo {
  /** Entries in the stream now. */
  readonly length: number;
  /** Entries ever added. */
  readonly entriesAdded: number;
  /** The highest id of the stream so far; `0-0` if it never had an entry. */
  readonly lastId: string;
}

/** A row of XINFO GROUPS. */
export interface GroupInfo {
  readonly name: string;
  readonly lastDeliveredId: string;
  /** Entries delivered to a consumer and not acknowledged. */
  readonly pending: number;
  /** Entries not delivered yet; null if Redis cannot tell. */
  readonly lag: number | null;
}

/** A row of XINFO CONSUMERS. */
export interface ConsumerInfo {
  readonly name: string;
  readonly pending: number;
  /** Milliseconds since the consumer's last attempt to read or claim. */
  readonly idleMs: number;
}

const parseInfo = recordOf(parseUnknown);
const positionScript = new LuaScript(new URL('./stream-position.lua', import.meta.url));
const parsePosition = tupleOf(parseInteger, parseText);

/** Reads the length of a partition's stream and the milliseconds of its highest id so far. */
export async function readStreamPosition(
  redis: Redis,
  partition: number,
): Promise<{ readonly length: number; readonly lastMs: number }> {
  const [length, lastId] = await positionScript.run(redis, [streamKey(partition)], [], parsePosition);
  return { length, lastMs: Number.parseInt(lastId, 10) };
}

/** Undefined if the partition has no stream yet. */
export async function readStreamInfo(redis: Redis, key: string): Promise<StreamInfo | undefined> {
  const info = await ifExists(() => redis.send(key, ['XINFO', 'STREAM', key], parseInfo));
  return (
    info && {
      length: numberOf(info.length),
      entriesAdded: numberOf(info['entries-added']),
      lastId: String(info['last-generated-id'] ?? '0-0'),
    }
  );
}

/** Empty if the partition has no stream yet. */
export async function readGroups(redis: Redis, key: string): Promise<GroupInfo[]> {
  const rows = await ifExists(() => redis.send(key, ['XINFO', 'GROUPS', key], listOf(parseInfo)));
  return (rows ?? []).map((row) => ({
    name: String(row.name),
    lastDeliveredId: String(row['last-delivered-id'] ?? '0-0'),
    pending: numberOf(row.pending),
    lag: typeof row.lag === 'number' ? row.lag : null,
  }));
}

export async function readConsumers(redis: Redis, key: string, group: string): Promise<ConsumerInfo[]> {
  const rows = await redis.send(key, ['XINFO', 'CONSUMERS', key, group], listOf(parseInfo));
  return rows.map((row) => ({ name: String(row.name), pending: numberOf(row.pending), idleMs: numberOf(row.idle) }));
}

async function ifExists<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Error && error.message.includes('no such key')) return undefined;
    throw error;
  }
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
