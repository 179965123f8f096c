import { expect, test } from 'vitest';
import { errorFields, faultLine } from './error-fields.ts';

test('keeps the message, code, stack and causes of an error, but none of its objects', () => {
  const reason = new Error('connect ECONNREFUSED 127.0.0.1:27017');
  const error = Object.assign(new Error('Server selection timed out', { cause: reason }), {
    name: 'MongoServerSelectionError',
    code: 11600,
    reason: { type: 'Unknown', servers: new Map([['a', { topologyVersion: 1 }]]) },
    commandDocument: { insert: 'entries', documents: [{ voter: 'ana' }] },
  });
  const { stack, ...fields } = errorFields(error);
  expect(fields).toStrictEqual({
    type: 'MongoServerSelectionError',
    message: 'Server selection timed out',
    code: 11600,
    causes: ['Error: connect ECONNREFUSED 127.0.0.1:27017'],
  });
  expect(stack).toMatch(/^\w*Error: Server selection timed out\n +at /);
});

test('bounds the message of any thrown value, and stops at a cycle of causes', () => {
  expect(errorFields('no')).toStrictEqual({ type: 'string', message: 'no' });
  expect(errorFields(new Error('x'.repeat(1_000_000))).message).toHaveLength(2001);
  const circle = new Error('a');
  circle.cause = circle;
  expect(errorFields(circle).causes).toHaveLength(5);
});

test('formats a fault as one bounded line with the messages of its causes', () => {
  const cause = new Error('connect ECONNREFUSED 127.0.0.1:27017');
  const fault = Object.assign(new Error('Server selection\n  timed out', { cause }), {
    reason: { servers: new Map() },
  });
  expect(faultLine(fault)).toBe('Server selection timed out; Error: connect ECONNREFUSED 127.0.0.1:27017');
  expect(faultLine('Redis does not answer')).toBe('Redis does not answer');
  expect(faultLine(new Error('x'.repeat(1_000_000)))).toHaveLength(2001);
});
