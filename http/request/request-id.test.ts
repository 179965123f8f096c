import { expect, test } from 'vitest';
import { requestId } from './request-id.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const idOf = (headers: Record<string, string>) => requestId((name) => headers[name]);

test('uses X-Request-Id, else the trace id, else a new id', () => {
  const traceparent = `00-${TRACE}-00f067aa0ba902b7-00`;
  expect(idOf({ 'x-request-id': 'a-1', traceparent })).toBe('a-1');
  expect(idOf({ traceparent })).toBe(TRACE);
  expect(idOf({})).toMatch(/^[0-9a-f-]{36}$/);
  expect(idOf({})).not.toBe(idOf({}));
});

test.each(['', 'a b', 'a\nb', '<script>', 'x'.repeat(129), '\u00f1'])('%j is not usable', (id) => {
  expect(idOf({ 'x-request-id': id })).toMatch(/^[0-9a-f-]{36}$/);
});
