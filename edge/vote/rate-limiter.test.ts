import { assert, expect, test } from 'vitest';
import { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import { createRateLimiter, type RateLimiter } from './rate-limiter.ts';

/** 2 votes a second, 4 at once, on a clock that stands still until it is moved. */
function limiterAt(clock: { ms: number }, trustProxy = false): RateLimiter {
  const limiter = createRateLimiter({ perSecond: 2, burst: 4, trustProxy, now: () => clock.ms });
  assert(limiter);
  return limiter;
}

function takenAtOnce(limiter: RateLimiter, caller: string): number {
  let taken = 0;
  while (taken < 100 && limiter.refusal(caller) === undefined) taken++;
  return taken;
}

test('no limit: no limiter', () => {
  expect(createRateLimiter({ perSecond: 0, burst: 1, trustProxy: false })).toBe(undefined);
});

test('a burst, then the rate, then again a burst after a rest', () => {
  const clock = { ms: 0 };
  const limiter = limiterAt(clock);
  expect(takenAtOnce(limiter, 'a')).toBe(4);
  expect(takenAtOnce(limiter, 'b'), 'each caller has a bucket').toBe(4);
  clock.ms = 1000;
  expect(takenAtOnce(limiter, 'a')).toBe(2);
  clock.ms = 60_000;
  expect(takenAtOnce(limiter, 'a')).toBe(4);
});

test('a refusal says when to come back', () => {
  const limiter = limiterAt({ ms: 0 });
  takenAtOnce(limiter, 'a');
  const refusal = limiter.refusal('a');
  expect(refusal?.code).toBe(ErrorCode.RATE_LIMITED);
  expect(refusal?.retryAfter).toBe(1);
  expect(refusal?.detail ?? '').toMatch(/more than 2 votes a second: try again in 1 s/);
});

test('a batch counts with all its votes, and what follows waits for them', () => {
  const clock = { ms: 0 };
  const limiter = limiterAt(clock);
  expect(limiter.refusal('a')).toBe(undefined);
  limiter.charge('a', 9);
  // 4 - 10 = -6 tokens: the next one is there after 3.5 s.
  expect(limiter.refusal('a')?.retryAfter).toBe(4);
  clock.ms = 3400;
  expect(limiter.refusal('a')).not.toBe(undefined);
  clock.ms = 3501;
  expect(limiter.refusal('a')).toBe(undefined);
});

test('whom a proxy names counts only where the proxy is ours', () => {
  const clock = { ms: 0 };
  expect(limiterAt(clock).caller('10.0.0.1', '1.2.3.4')).toBe('10.0.0.1');
  expect(limiterAt(clock, true).caller('10.0.0.1', 'made-up, 1.2.3.4')).toBe('1.2.3.4');
  expect(limiterAt(clock, true).caller('10.0.0.1', undefined)).toBe('10.0.0.1');
});
