import { expect, test } from 'vitest';
import { isCompressed, mediaType } from './media-type.ts';

test.each([
  ['application/json', 'application/json'],
  ['Application/JSON ; v=1', 'application/json'],
  ['application/json;charset=utf8', 'application/json'],
  ['application/json; charset="UTF-8"', 'application/json'],
  ['application/json; charset=utf-16', ''],
  ['application/json; charset="utf-8', ''],
  ['', ''],
])('the media type of %j is %j', (contentType, type) => {
  expect(mediaType(contentType)).toBe(type);
});

test('every coding except identity counts as compressed', () => {
  expect([undefined, '', 'identity', ' Identity '].map(isCompressed)).toStrictEqual([false, false, false, false]);
  expect(['gzip', 'identity, gzip', 'br'].map(isCompressed)).toStrictEqual([true, true, true]);
});
