import { createHash } from 'node:crypto';
import type { Redis } from '../../redis/redis.ts';
import { parseInteger, parseText, recordOf } from '../../redis/replies.ts';
import { contestCodesKey } from '../../streams/keys.ts';

/** No vowels and no characters that look alike, so that codes do not form words and are not misread. */
const ALPHABET = '23456789BCDFGHJKMNPQRSTVWXZ';
const LENGTH = 6;

/**
 * A short code for each contest, for people to type: the first free code of a sequence derived from the contest's id,
 * claimed in Redis. All processes therefore agree, and a contest keeps its code if Redis loses its data. The code of a
 * deleted contest stays claimed, so a printed code never leads to another contest.
 */
export class ContestCodes {
  readonly #redis: Redis;
  readonly #byId = new Map<string, string>();
  readonly #byCode = new Map<string, string>();

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  codeOf(id: string): string | undefined {
    return this.#byId.get(id);
  }

  /** The id of the contest with this code, in any case, with or without spaces and dashes. */
  idOf(typed: string): string | undefined {
    return this.#byCode.get(typed.replaceAll(/[\s-]/g, '').toUpperCase());
  }

  /** Claims codes for contests without one. */
  async assign(ids: readonly string[]): Promise<void> {
    if (ids.every((id) => this.#byId.has(id))) return;
    const claimed = await this.#redis.send(contestCodesKey, ['HGETALL', contestCodesKey], recordOf(parseText));
    for (const [code, id] of Object.entries(claimed)) this.#set(code, id);
    await Promise.all(ids.filter((id) => !this.#byId.has(id)).map((id) => this.#claim(id)));
  }

  /** Writes codes that Redis lost back to it. */
  async restore(): Promise<void> {
    for (const [id, code] of this.#byId) {
      await this.#redis.send(contestCodesKey, ['HSETNX', contestCodesKey, code, id]);
    }
  }

  async #claim(id: string): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      const code = candidate(id, attempt);
      await this.#redis.send(contestCodesKey, ['HSETNX', contestCodesKey, code, id], parseInteger);
      // Another process may have claimed it for the same contest, or for another one.
      const owner = await this.#redis.send(contestCodesKey, ['HGET', contestCodesKey, code], parseText);
      this.#set(code, owner);
      if (owner === id) return;
    }
  }

  #set(code: string, id: string): void {
    this.#byId.set(id, code);
    this.#byCode.set(code, id);
  }
}

function candidate(id: string, attempt: number): string {
  let value = createHash('sha256').update(`${attempt} ${id}`).digest().readUIntBE(0, 6);
  let code = '';
  for (let i = 0; i < LENGTH; i++) {
    code += ALPHABET[value % ALPHABET.length];
    value = Math.floor(value / ALPHABET.length);
  }
  return code;
}
