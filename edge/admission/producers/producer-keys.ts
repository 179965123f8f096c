import { type HashedKey, parseHashedKeys } from '../../../config/secrets/hashed-keys.ts';

/** One entry of PRODUCER_KEYS. */
export interface ProducerKey extends HashedKey {
  /** The contests that it may vote in; undefined: all. */
  readonly contests: ReadonlySet<string> | undefined;
}

/**
 * Parses PRODUCER_KEYS: entries of `name:hash` or `name:hash:contest+contest`, separated by commas or spaces. `npm run
 * producer-key -- <name>` prints a new key and its entry.
 *
 * @throws {ConfigError} for the first invalid entry; the message contains no part of the value
 */
export function parseProducerKeys(value: string): readonly ProducerKey[] {
  const entries = parseHashedKeys('PRODUCER_KEYS', value, 'name:hash or name:hash:contest+contest');
  return entries.map(({ name, digest, scope }) => ({
    name,
    digest,
    contests: scope === undefined ? undefined : new Set(scope.split('+')),
  }));
}
