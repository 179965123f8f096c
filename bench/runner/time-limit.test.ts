import { expect, test } from 'vitest';
import { fittingWindow, isOverBudget } from './time-limit.ts';

const MINUTE = 60_000;
const run = { rounds: 5, measureMs: 2000, fitMs: 23 * MINUTE };

test('a machine that is fast enough measures as long as it was asked to', () => {
  expect(fittingWindow(run, 4 * MINUTE, 50)).toBe(2000);
  expect(fittingWindow({ rounds: 5, measureMs: 2000 }, 60 * MINUTE, 50)).toBe(2000);
});

test('a slow machine measures shorter and ends in time, but never less than a second', () => {
  const firstRoundMs = 5 * MINUTE;
  const window = fittingWindow(run, firstRoundMs, 50);
  expect(window > 1000 && window < 2000, `${window} ms`).toBeTruthy();
  // All that is shorter is the window.
  const whole = firstRoundMs + 4 * (firstRoundMs - 50 * (run.measureMs - window));
  expect(Math.abs(whole - run.fitMs), `${whole} ms in all`).toBeLessThan(1000);
  expect(fittingWindow(run, 8 * MINUTE, 50)).toBe(1000);
});

test('a run of a minute ends its rounds early rather than late', () => {
  const budget = { softMs: 46_000, hardMs: 50_000 };
  expect(isOverBudget(budget, 47_000, false)).toBe(false);
  expect(isOverBudget(budget, 47_000, true)).toBe(true);
  expect(isOverBudget(budget, 51_000, false)).toBe(true);
  expect(isOverBudget(undefined, 1e9, true)).toBe(false);
});
