import type { Redis } from '../../../store/redis/redis.ts';
import { listOf, parseBytes } from '../../../store/redis/replies.ts';

/** Reads a hash whose field names are raw bytes; latin1 keeps them distinct. */
export async function readHash(redis: Redis, key: string): Promise<Map<string, string>> {
  const flat = await redis.sendBytes(key, ['HGETALL', key], listOf(parseBytes));
  return new Map(flat.flatMap((field, i) => (i % 2 === 0 ? [[field.toString('latin1'), String(flat[i + 1])]] : [])));
}
