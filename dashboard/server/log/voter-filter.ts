import type { LogQuery, LogStore } from '../../../store/log/log-store.ts';
import type { ReadBounds } from '../../../store/log/reads/read-deadline.ts';
import type { LogFilters } from './log-query.ts';

/** The filters in the form that the log store expects. */
export type StoreFilters = Omit<LogQuery, 'limit' | 'cursor'>;

/**
 * Resolves the `voter` filter to a voter key. Callers may send a voter id, or a key as the log shows it; text that
 * could be either is a key if the log has votes for that key.
 *
 * @param voterKey computes the key that the log stores for a voter; undefined: the caller may not search by id
 * @returns undefined if the caller searches by id and may not
 */
export async function resolveVoter(
  log: Pick<LogStore, 'page'>,
  { voter, ...rest }: LogFilters,
  voterKey: ((voter: string) => Uint8Array) | undefined,
  bounds: ReadBounds,
): Promise<StoreFilters | undefined> {
  const filters = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)) as Omit<
    StoreFilters,
    'voter'
  >;
  if (voter === undefined) return filters;
  const key = parseKey(voter);
  if (voterKey === undefined) return key && { ...filters, voter: key };
  const isKey = key !== undefined && (await log.page({ voter: key, limit: 1 }, bounds)).items.length > 0;
  return { ...filters, voter: isKey ? key : voterKey(voter) };
}

/** Decodes a voter key as the log shows it; undefined if the text is not one. */
function parseKey(voter: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9_-]{22}$/.test(voter)) return undefined;
  const bytes = Buffer.from(voter, 'base64url');
  return bytes.toString('base64url') === voter ? bytes : undefined;
}
