import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import { createRateLimiter, type RateLimiter } from './rate-limiter.ts';

/** 2 votes a second, 4 at once, on a clock that stands still until it is moved. */
function limiterAt(clock: { ms: number }, trustProxy = false): RateLimiter {
  const limiter = createRateLimiter({ perSecond: 2, burst: 4, trustProxy, now: () => clock.ms });
  assert.ok(limiter);
  return limiter;
}

function takenAtOnce(limiter: RateLimiter, caller: string): number {
  let taken = 0;
  while (taken < 100 && limiter.refusal(caller) === undefined) taken++;
  return taken;
}

test('no limit: no limiter', () => {
  assert.equal(createRateLimiter({ perSecond: 0, burst: 1, trustProxy: false }), undefined);
});

test('a burst, then the rate, then again a burst after a rest', () => {
  const clock = { ms: 0 };
  const limiter = limiterAt(clock);
  assert.equal(takenAtOnce(limiter, 'a'), 4);
  assert.equal(takenAtOnce(limiter, 'b'), 4, 'each caller has a bucket');
  clock.ms = 1000;
  assert.equal(takenAtOnce(limiter, 'a'), 2);
  clock.ms = 60_000;
  assert.equal(takenAtOnce(limiter, 'a'), 4);
});

test('a refusal says when to come back', () => {
  const limiter = limiterAt({ ms: 0 });
  takenAtOnce(limiter, 'a');
  const refusal = limiter.refusal('a');
  assert.equal(refusal?.code, ErrorCode.RATE_LIMITED);
  assert.equal(refusal?.retryAfter, 1);
  assert.match(refusal?.detail ?? '', /more than 2 votes a second: try again in 1 s/);
});

test('a batch counts with all its votes, and what follows waits for them', () => {
  const clock = { ms: 0 };
  const limiter = limiterAt(clock);
  assert.equal(limiter.refusal('a'), undefined);
  limiter.charge('a', 9);
  // 4 - 10 = -6 tokens: the next one is there after 3.5 s.
  assert.equal(limiter.refusal('a')?.retryAfter, 4);
  clock.ms = 3400;
  assert.notEqual(limiter.refusal('a'), undefined);
  clock.ms = 3501;
  assert.equal(limiter.refusal('a'), undefined);
});

test('whom a proxy names counts only where the proxy is ours', () => {
  const clock = { ms: 0 };
  assert.equal(limiterAt(clock).caller('10.0.0.1', '1.2.3.4'), '10.0.0.1');
  assert.equal(limiterAt(clock, true).caller('10.0.0.1', 'made-up, 1.2.3.4'), '1.2.3.4');
  assert.equal(limiterAt(clock, true).caller('10.0.0.1', undefined), '10.0.0.1');
});
