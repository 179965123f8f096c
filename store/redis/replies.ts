/**
 * Parsers of Redis replies, which check what arrives over the network; from then on, code relies on the types.
 *
 * RESP3 replies arrive as strings or Buffers (see `send` and `sendBytes`), numbers, null and arrays; maps are flat
 * arrays of keys and values.
 */
export type ReplyParser<T> = (reply: unknown) => T;

/** A reply has another type than its command documents, for example because another program uses the same keys. */
export class RedisReplyError extends Error {
  override readonly name = 'RedisReplyError';

  constructor(expected: string, reply: unknown) {
    super(`Redis must answer with ${expected}; got ${JSON.stringify(reply)?.slice(0, 100)}`);
  }
}

export function parseInteger(reply: unknown): number {
  if (!Number.isSafeInteger(reply)) throw new RedisReplyError('an integer', reply);
  return Number(reply);
}

export function parseText(reply: unknown): string {
  if (typeof reply !== 'string') throw new RedisReplyError('a string', reply);
  return reply;
}

/** One of a closed set of words. */
export function oneOf<T extends string>(words: readonly T[]): ReplyParser<T> {
  return (reply) => {
    const word = words.find((each) => each === reply);
    if (word === undefined) throw new RedisReplyError(`one of ${words.join(', ')}`, reply);
    return word;
  };
}

export function parseBytes(reply: unknown): Buffer {
  if (!Buffer.isBuffer(reply)) throw new RedisReplyError('a bulk string', reply);
  return reply;
}

export function parseArray(reply: unknown): readonly unknown[] {
  if (!Array.isArray(reply)) throw new RedisReplyError('an array', reply);
  return reply;
}

export function nullable<T>(parse: ReplyParser<T>): ReplyParser<T | null> {
  return (reply) => (reply === null ? null : parse(reply));
}

export function listOf<T>(parse: ReplyParser<T>): ReplyParser<T[]> {
  return (reply) => parseArray(reply).map(parse);
}

/** An array with a parser for each element; further elements are dropped. */
export function tupleOf<T extends readonly unknown[]>(
  ...parsers: { readonly [K in keyof T]: ReplyParser<T[K]> }
): ReplyParser<T> {
  return (reply) => {
    const values = parseArray(reply);
    return parsers.map((parse, index) => parse(values[index])) as unknown as T;
  };
}

/** A map as a record without a prototype, because a field may be called `__proto__`. */
export function recordOf<T>(parse: ReplyParser<T>): ReplyParser<Record<string, T>> {
  return (reply) => {
    const flat = parseArray(reply);
    const record: Record<string, T> = Object.create(null);
    for (let i = 0; i + 1 < flat.length; i += 2) record[String(flat[i])] = parse(flat[i + 1]);
    return record;
  };
}

/** The reply of TIME in milliseconds since 1970, with the microseconds as a fraction. */
export function parseTime(reply: unknown): number {
  const [seconds, microseconds] = tupleOf(parseText, parseText)(reply);
  return Number(seconds) * 1000 + Number(microseconds) / 1000;
}

/** For replies whose callers check each field when they read it, such as those of XINFO. */
export function parseUnknown(reply: unknown): unknown {
  return reply;
}
