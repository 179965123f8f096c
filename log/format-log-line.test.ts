import { expect, test } from 'vitest';
import { formatLogLine } from './format-log-line.ts';

const line = (fields: object) =>
  `${JSON.stringify({ level: 'warn', time: '2026-11-28T12:30:01.500Z', component: 'edge', ...fields })}\n`;

test('formats a JSON line as text with its fields', () => {
  expect(formatLogLine(line({ message: 'Slow', name: 'a b', ms: 7 }))).toBe('12:30:01 warn edge: Slow name=a b ms=7');
  expect(formatLogLine(line({ level: 'info', message: 'Ready' }), { prefix: false })).toBe('Ready');
});

test('shows the stack of an error', () => {
  const error = { type: 'Error', message: 'no', stack: 'Error: no\n    at a.ts:1' };
  expect(formatLogLine(line({ message: 'Failed', error }))).toBe(
    '12:30:01 warn edge: Failed\n  Error: no\n      at a.ts:1',
  );
});

test('returns other lines unchanged except for control characters', () => {
  expect(formatLogLine('plain\x1b[2J\x07 text\n')).toBe('plain  text');
  expect(formatLogLine('{"level":"in')).toBe('{"level":"in');
});
