import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Redis } from './redis.ts';
import type { RedisArgument } from './redis-link.ts';

/** A Lua script, run by its digest; the source is sent only if Redis does not know it yet. */
export class LuaScript {
  readonly source: string;
  readonly #digest: string;

  constructor(file: URL) {
    this.source = readFileSync(file, 'utf8');
    this.#digest = createHash('sha1').update(this.source).digest('hex');
  }

  /** Runs on the server of `keys[0]`. */
  run<T>(redis: Redis, keys: readonly string[], args: readonly RedisArgument[]): Promise<T> {
    return this.#run((command) => redis.send<T>(keys[0], command), keys, args);
  }

  /** The same with Buffers in the place of strings. */
  runBytes<T>(redis: Redis, keys: readonly string[], args: readonly RedisArgument[]): Promise<T> {
    return this.#run((command) => redis.sendBytes<T>(keys[0], command), keys, args);
  }

  async #run<T>(
    send: (command: RedisArgument[]) => Promise<T>,
    keys: readonly string[],
    args: readonly RedisArgument[],
  ): Promise<T> {
    const rest = [`${keys.length}`, ...keys, ...args];
    try {
      return await send(['EVALSHA', this.#digest, ...rest]);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return await send(['EVAL', this.source, ...rest]);
    }
  }
}
