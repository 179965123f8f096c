import { expect, test } from 'vitest';
import { logAddress, logQuery, NO_FILTER, readLogFilter } from './log/log-filter.ts';
import { readRoute } from './route.ts';

const route = (address: string) => readRoute(new URL(address, 'http://x'));

test('maps an address to a page', () => {
  expect(route('/')).toStrictEqual({ page: 'results' });
  expect(route('/log?contest=a')).toStrictEqual({ page: 'log' });
  expect(route('/contests/bandas')).toStrictEqual({ page: 'contest', id: 'bandas', stage: false });
  expect(route('/contests/bandas?stage')).toStrictEqual({ page: 'contest', id: 'bandas', stage: true });
  expect(route('/embed/bandas')).toStrictEqual({ page: 'embed', id: 'bandas' });
  for (const unknown of ['/contests/', '/contests/BANDAS', '/logs', '/contests/a/b']) {
    expect(route(unknown), unknown).toStrictEqual({ page: 'unknown' });
  }
});

test('log filters survive a round trip through the address', () => {
  const filter = { ...NO_FILTER, contest: 'bandas', voter: 'José & co', since: '2026-03-01T12:00:00' };
  expect(readLogFilter(new URL(logAddress(filter), 'http://x').search)).toStrictEqual(filter);
  expect(logAddress(NO_FILTER)).toBe('/log');
  // A shared address may be opened in another time zone.
  const shared = new URL(logAddress(filter), 'http://x').searchParams;
  expect(shared.get('since')).toBe(new Date('2026-03-01T12:00').toISOString());
  expect(readLogFilter('?since=yesterday').since).toBe('yesterday');
  const query = new URLSearchParams(logQuery(filter, { format: 'csv' }));
  expect(query.get('since')).toBe(new Date('2026-03-01T12:00').toISOString());
  expect([...query.keys()]).toStrictEqual(['contest', 'voter', 'since', 'format']);
});
