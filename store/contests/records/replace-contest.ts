import type { Redis } from '../../redis/redis.ts';
import { parseInteger } from '../../redis/replies.ts';
import { LuaScript } from '../../redis/scripts/lua-script.ts';
import { contestsKey } from '../../streams/keys.ts';

const script = new LuaScript(new URL('./replace-contest.lua', import.meta.url));

/** Replaces a contest's JSON, or removes it if `contest` is empty. False if it has changed since `old` was read. */
export async function replaceContest(redis: Redis, id: string, old: string, contest: string): Promise<boolean> {
  return (await script.run(redis, [contestsKey], [id, old, contest], parseInteger)) === 1;
}
