import { createHash, timingSafeEqual } from 'node:crypto';
import { ConfigError } from '../../../config/config-error.ts';

/** One entry of PRODUCER_KEYS. */
export interface ProducerKey {
  /** Who uses the key. Several keys may share a name, so that a key can be rotated. */
  readonly name: string;
  /** SHA-256 of the key: keys are random, so a slow hash would add nothing. */
  readonly digest: Buffer;
  /** The contests that it may vote in; undefined: all. */
  readonly contests: ReadonlySet<string> | undefined;
}

const ENTRY = /^([a-z0-9][a-z0-9._-]{0,63}):([0-9a-f]{64})(?::([a-z0-9][a-z0-9._+-]*))?$/;

/**
 * Parses PRODUCER_KEYS: entries of `name:hash` or `name:hash:contest+contest`, separated by commas or spaces. `npm run
 * producer-key -- <name>` prints a new key and its entry.
 *
 * @throws {ConfigError} without any part of the value, for the first invalid entry
 */
export function parseProducerKeys(value: string): readonly ProducerKey[] {
  const entries = value.split(/[\s,]+/).filter((entry) => entry !== '');
  return entries.map((entry, index) => {
    const [, name = '', hash = '', contests] = ENTRY.exec(entry) ?? [];
    if (name === '') {
      const rule = `entries of name:hash or name:hash:contest+contest with a SHA-256 in hex; entry ${index + 1} is not`;
      throw ConfigError.invalid('PRODUCER_KEYS', undefined, rule);
    }
    return {
      name,
      digest: Buffer.from(hash, 'hex'),
      contests: contests === undefined ? undefined : new Set(contests.split('+')),
    };
  });
}

/** Finds the key that a caller presented. Takes the same time for every key, right or wrong. */
export function findProducerKey(keys: readonly ProducerKey[], key: string): ProducerKey | undefined {
  const digest = hashProducerKey(key);
  let found: ProducerKey | undefined;
  for (const candidate of keys) if (timingSafeEqual(candidate.digest, digest)) found = candidate;
  return found;
}

export function hashProducerKey(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
