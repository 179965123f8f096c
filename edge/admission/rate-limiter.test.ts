import { expect, test } from 'vitest';
import { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import { RateLimiter } from './rate-limiter.ts';

/** 2 votes per second, 4 at once, on a clock that the test moves. */
function limiterAt(clock: { ms: number }): RateLimiter {
  return new RateLimiter({ unit: 'votes', perSecond: 2, burst: 4, now: () => clock.ms });
}

function takeAll(limiter: RateLimiter, address: string): number {
  let taken = 0;
  while (taken < 100 && limiter.take(address) === undefined) taken++;
  return taken;
}

test('allows a burst, then the rate, and after a pause another burst', () => {
  const clock = { ms: 0 };
  const limiter = limiterAt(clock);
  expect(takeAll(limiter, 'a')).toBe(4);
  expect(takeAll(limiter, 'b'), 'each address has a bucket').toBe(4);
  clock.ms = 1000;
  expect(takeAll(limiter, 'a')).toBe(2);
  clock.ms = 60_000;
  expect(takeAll(limiter, 'a')).toBe(4);
});

test('an IPv6 /64 network has one bucket, and so has an IPv4 address in every notation', () => {
  const limiter = limiterAt({ ms: 0 });
  expect(takeAll(limiter, '2001:db8::1')).toBe(4);
  expect(takeAll(limiter, '2001:db8::ffff:1')).toBe(0);
  limiter.charge('2001:db8::2', 1);
  expect(limiter.quota('2001:db8::3').resetS).toBe(3);
  expect(takeAll(limiter, '2001:db8:0:1::1')).toBe(4);
  expect(takeAll(limiter, '192.0.2.1')).toBe(4);
  expect(takeAll(limiter, '::ffff:192.0.2.1')).toBe(0);
});

test('the problem states when to retry', () => {
  const limiter = limiterAt({ ms: 0 });
  takeAll(limiter, 'a');
  const problem = limiter.take('a');
  expect(problem?.code).toBe(ErrorCode.RATE_LIMITED);
  expect(problem?.retryAfter).toBe(1);
  expect(problem?.quota).toStrictEqual({ name: 'votes', limit: 4, windowS: 2, remaining: 0, resetS: 2 });
  expect(problem?.detail ?? '').toMatch(/more than 2 votes per second; try again in 1 s/);
});

test('a batch is charged in full, and later requests wait until the bucket refills', () => {
  const clock = { ms: 0 };
  const limiter = limiterAt(clock);
  expect(limiter.take('a')).toBe(undefined);
  limiter.charge('a', 9);
  // 4 - 10 = -6 tokens: the next token is available after 3.5 s.
  expect(limiter.take('a')?.retryAfter).toBe(4);
  clock.ms = 3400;
  expect(limiter.take('a')).not.toBe(undefined);
  clock.ms = 3501;
  expect(limiter.take('a')).toBe(undefined);
});
