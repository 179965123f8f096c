import { createHash, timingSafeEqual } from 'node:crypto';
import { ConfigError } from '../config-error.ts';

/** A key or token of which only the hash is stored. */
export interface HashedKey {
  /** The key's user. Several keys may share a name, so that a key can be rotated. */
  readonly name: string;
  /** SHA-256 of the key: keys are random, so a slow hash would add nothing. */
  readonly digest: Buffer;
}

interface HashedEntry extends HashedKey {
  /** The text after the colon that follows the hash; undefined if there is none. */
  readonly scope: string | undefined;
}

const ENTRY = /^([a-z0-9][a-z0-9._-]{0,63}):([0-9a-f]{64})(?::([a-z0-9][a-z0-9._+-]*))?$/;

/**
 * Parses entries of `name:hash` or `name:hash:scope`, separated by commas or spaces.
 *
 * @param form describes the entries in the message, such as `name:hash`
 * @throws {ConfigError} for the first invalid entry; the message contains no part of the value
 */
export function parseHashedKeys(variable: string, value: string, form: string): readonly HashedEntry[] {
  const entries = value.split(/[\s,]+/).filter((entry) => entry !== '');
  return entries.map((entry, index) => {
    const [, name = '', hash = '', scope] = ENTRY.exec(entry) ?? [];
    if (name === '' || (scope !== undefined && !form.includes('name:hash:'))) {
      const rule = `entries of ${form} with a SHA-256 in hex; entry ${index + 1} is not`;
      throw ConfigError.invalid(variable, undefined, rule);
    }
    return { name, digest: Buffer.from(hash, 'hex'), scope };
  });
}

/** Finds the key that a caller presented. Takes the same time for every key, right or wrong. */
export function findHashedKey<T extends HashedKey>(keys: readonly T[], key: string): T | undefined {
  const digest = hashKey(key);
  let found: T | undefined;
  // All digests have the same length, so the time taken reveals neither the length nor the first difference.
  for (const candidate of keys) if (timingSafeEqual(candidate.digest, digest)) found = candidate;
  return found;
}

export function hashKey(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
