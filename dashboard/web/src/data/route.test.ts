import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logAddress, logQuery, NO_FILTER, readLogFilter } from './log/log-filter.ts';
import { readRoute } from './route.ts';

const route = (address: string) => readRoute(new URL(address, 'http://x'));

test('an address names a page', () => {
  assert.deepEqual(route('/'), { page: 'results' });
  assert.deepEqual(route('/log?contest=a'), { page: 'log' });
  assert.deepEqual(route('/contests/bandas'), { page: 'contest', id: 'bandas', stage: false });
  assert.deepEqual(route('/contests/bandas?stage'), { page: 'contest', id: 'bandas', stage: true });
  for (const unknown of ['/contests/', '/contests/BANDAS', '/logs', '/contests/a/b']) {
    assert.deepEqual(route(unknown), { page: 'unknown' }, unknown);
  }
});

test('filters of the log go into the address and come back', () => {
  const filter = { ...NO_FILTER, contest: 'bandas', voter: 'José & co', since: '2026-03-01T12:00:00' };
  assert.deepEqual(readLogFilter(new URL(logAddress(filter), 'http://x').search), filter);
  assert.equal(logAddress(NO_FILTER), '/log');
  // Who opens a shared address may be in another time zone.
  const shared = new URL(logAddress(filter), 'http://x').searchParams;
  assert.equal(shared.get('since'), new Date('2026-03-01T12:00').toISOString());
  assert.equal(readLogFilter('?since=yesterday').since, 'yesterday');
  const query = new URLSearchParams(logQuery(filter, { format: 'csv' }));
  assert.equal(query.get('since'), new Date('2026-03-01T12:00').toISOString());
  assert.deepEqual([...query.keys()], ['contest', 'voter', 'since', 'format']);
});
