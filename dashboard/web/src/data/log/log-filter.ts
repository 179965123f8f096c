import { toLocalTime } from '../format.ts';

/** The values of the filter form; empty: no filter. */
export interface LogFilter {
  readonly contest: string;
  readonly choice: string;
  readonly voter: string;
  readonly path: string;
  /** Values of datetime-local inputs, in the reader's time zone. */
  readonly since: string;
  readonly until: string;
}

export const NO_FILTER: LogFilter = { contest: '', choice: '', voter: '', path: '', since: '', until: '' };

/** Reads the filters from the address of the page. */
export function readLogFilter(search: string): LogFilter {
  const params = new URLSearchParams(search);
  const names = Object.keys(NO_FILTER) as (keyof LogFilter)[];
  return Object.fromEntries(
    names.map((name) => {
      const value = params.get(name) ?? '';
      return [name, isTime(name, value) ? toLocalTime(value, 'second') : value];
    }),
  ) as unknown as LogFilter;
}

/**
 * The address of the page with the filters, for links and the back button. Times are in UTC, because the link may be
 * opened in another time zone.
 */
export function logAddress(filter: LogFilter): string {
  const query = logQuery(filter);
  return query === '' ? '/log' : `/log?${query}`;
}

/** The query of the log API for the filters and the `further` parameters. */
export function logQuery(filter: LogFilter, further: Readonly<Record<string, string>> = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...filter, ...further })) {
    if (value === '') continue;
    params.set(name, isTime(name, value) ? new Date(value).toISOString() : value);
  }
  return params.toString();
}

function isTime(name: string, value: string): boolean {
  return (name === 'since' || name === 'until') && !Number.isNaN(Date.parse(value));
}
