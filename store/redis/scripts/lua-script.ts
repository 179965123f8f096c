import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Redis } from '../redis.ts';
import type { RedisArgument } from '../redis-link.ts';
import type { ReplyParser } from '../replies.ts';

/** A Lua script, run by its digest. The source is sent only if Redis does not have it yet. */
export class LuaScript {
  readonly source: string;
  readonly #digest: string;

  constructor(file: URL) {
    this.source = readFileSync(file, 'utf8');
    this.#digest = createHash('sha1').update(this.source).digest('hex');
  }

  /** Runs on the server of `keys[0]`. Bulk strings in the reply are strings. */
  run<T>(redis: Redis, keys: readonly string[], args: readonly RedisArgument[], parse: ReplyParser<T>): Promise<T> {
    return this.#run((command) => redis.send(keys[0], command, parse), keys, args);
  }

  /** Like `run`, but bulk strings in the reply are Buffers. */
  runBytes<T>(
    redis: Redis,
    keys: readonly string[],
    args: readonly RedisArgument[],
    parse: ReplyParser<T>,
  ): Promise<T> {
    return this.#run((command) => redis.sendBytes(keys[0], command, parse), keys, args);
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
