import { ConfigError } from '../../config/config-error.ts';

/**
 * The highest schema version of the data in Redis that this Votewire supports. 1: the first one. 2: rules of contests
 * may have pauses and a time from which votes count.
 *
 * Redis holds the minimum version that a process must support. The first write that older versions cannot read raises
 * it (see raise-schema.ts), not the start of a process, so that an upgrade can be undone until then.
 */
export const REDIS_SCHEMA = 2;

/** The version of data without a schema field, which every version can read. */
export const FIRST_REDIS_SCHEMA = 1;

/**
 * @param stored the `schema` field of the settings
 * @throws {ConfigError} if the data needs a newer Votewire
 */
export function checkRedisSchema(stored: string | undefined): void {
  const version = Number(stored ?? FIRST_REDIS_SCHEMA);
  if (version <= REDIS_SCHEMA) return;
  throw new ConfigError(
    `Redis (REDIS_URL) holds data of schema version ${version}, which a newer Votewire wrote; this one supports up to ` +
      `${REDIS_SCHEMA}. Run that Votewire, or set REDIS_URL to another Redis`,
  );
}

/** The schema version that a process needs to read the rule of a contest (see contest-rule.ts). */
export function schemaOfRule(rule: string): number {
  return rule.split(' ').length > 3 ? 2 : FIRST_REDIS_SCHEMA;
}
