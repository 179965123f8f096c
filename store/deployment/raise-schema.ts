import { HEARTBEAT_DEAD_MS, readHeartbeats } from '../monitoring/heartbeats.ts';
import type { Redis } from '../redis/redis.ts';
import { parseInteger } from '../redis/replies.ts';
import { LuaScript } from '../redis/scripts/lua-script.ts';
import { clusterKey } from '../streams/keys.ts';

const script = new LuaScript(new URL('./raise-schema.lua', import.meta.url));

/** Makes processes that do not support `version` stop or refuse to start. Returns the version stored afterwards. */
export function raiseSchema(redis: Redis, version: number): Promise<number> {
  return script.run(redis, [clusterKey], [`${version}`], parseInteger);
}

/**
 * Names the running edges and consumers that do not support this schema version, such as `consumer c1`. Versions from
 * before schema versions do not report one.
 */
export async function findOlderProcesses(redis: Redis, version: number): Promise<string[]> {
  const beats = await readHeartbeats(redis);
  return beats
    .filter(({ ageMs, schema }) => ageMs <= HEARTBEAT_DEAD_MS && schema < version)
    .map(({ role, name }) => `${role} ${name}`);
}
