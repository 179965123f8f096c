import { HEARTBEAT_DEAD_MS, readHeartbeats } from '../monitoring/heartbeats.ts';
import type { Redis } from '../redis/redis.ts';
import { parseInteger } from '../redis/replies.ts';
import { LuaScript } from '../redis/scripts/lua-script.ts';
import { clusterKey } from '../streams/keys.ts';

const script = new LuaScript(new URL('./raise-schema.lua', import.meta.url));

/** Makes processes that do not support `version` refuse to start, or stop. Returns the version that Redis holds now. */
export function raiseSchema(redis: Redis, version: number): Promise<number> {
  return script.run(redis, [clusterKey], [`${version}`], parseInteger);
}

/**
 * The running edges and consumers that could not read data of this schema version, such as `consumer c1`. Processes
 * from before schema versions report none.
 */
export async function findOlderProcesses(redis: Redis, version: number): Promise<string[]> {
  const beats = await readHeartbeats(redis);
  return beats
    .filter(({ ageMs, schema }) => ageMs <= HEARTBEAT_DEAD_MS && schema < version)
    .map(({ role, name }) => `${role} ${name}`);
}
