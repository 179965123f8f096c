import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fittingWindow, isOverBudget } from './time-limit.ts';

const MINUTE = 60_000;
const run = { rounds: 5, measureMs: 2000, fitMs: 23 * MINUTE };

test('a machine that is fast enough measures as long as it was asked to', () => {
  assert.equal(fittingWindow(run, 4 * MINUTE, 50), 2000);
  assert.equal(fittingWindow({ rounds: 5, measureMs: 2000 }, 60 * MINUTE, 50), 2000);
});

test('a slow machine measures shorter and ends in time, but never less than a second', () => {
  const firstRoundMs = 5 * MINUTE;
  const window = fittingWindow(run, firstRoundMs, 50);
  assert.ok(window > 1000 && window < 2000, `${window} ms`);
  // All that is shorter is the window.
  const whole = firstRoundMs + 4 * (firstRoundMs - 50 * (run.measureMs - window));
  assert.ok(Math.abs(whole - run.fitMs) < 1000, `${whole} ms in all`);
  assert.equal(fittingWindow(run, 8 * MINUTE, 50), 1000);
});

test('a run of a minute ends its rounds early rather than late', () => {
  const budget = { softMs: 46_000, hardMs: 50_000 };
  assert.equal(isOverBudget(budget, 47_000, false), false);
  assert.equal(isOverBudget(budget, 47_000, true), true);
  assert.equal(isOverBudget(budget, 51_000, false), true);
  assert.equal(isOverBudget(undefined, 1e9, true), false);
});
