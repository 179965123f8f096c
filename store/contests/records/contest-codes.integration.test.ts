import { expect, test } from 'vitest';
import { startTestRedis } from '../../../tests/support/test-redis.ts';
import { contestCodesKey } from '../../streams/keys.ts';
import { ContestCodes } from './contest-codes.ts';

test('processes agree on codes, a claimed code is not reassigned, and codes survive a loss of Redis', async () => {
  await using fixture = await startTestRedis();
  const { redis } = fixture;
  const [one, two] = [new ContestCodes(redis), new ContestCodes(redis)];
  const ids = ['cats-vs-dogs', 'bandas', 'visits'];
  await Promise.all([one.assign(ids), two.assign(ids.toReversed())]);
  const codes = ids.map((id) => one.codeOf(id) ?? '');
  expect(ids.map((id) => two.codeOf(id))).toStrictEqual(codes);
  expect(new Set(codes).size).toBe(3);
  for (const code of codes) expect(code).toMatch(/^[2-9BCDFGHJKMNPQRSTVWXZ]{6}$/);
  const [first = ''] = codes;
  expect(two.idOf(`${first.slice(0, 3).toLowerCase()} - ${first.slice(3)}`)).toBe('cats-vs-dogs');
  expect(two.idOf('AAAAAA')).toBe(undefined);

  // Gives the first code of this contest to another one.
  await redis.send(contestCodesKey, ['DEL', contestCodesKey]);
  await redis.send(contestCodesKey, ['HSET', contestCodesKey, first, 'earlier']);
  const three = new ContestCodes(redis);
  await three.assign(['cats-vs-dogs']);
  expect(three.idOf(first)).toBe('earlier');
  expect(three.idOf(three.codeOf('cats-vs-dogs') ?? '')).toBe('cats-vs-dogs');

  await redis.send(contestCodesKey, ['DEL', contestCodesKey]);
  await one.restore();
  const four = new ContestCodes(redis);
  await four.assign(ids);
  expect(ids.map((id) => four.codeOf(id))).toStrictEqual(codes);
});
