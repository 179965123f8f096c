import { expect, test } from 'vitest';
import type { DriverResult, Outcomes } from '../load/job.ts';
import { judgeAccount, judgeWindow } from './measurement.ts';

const closed = { server: 'edge', load: { kind: 'closed' } } as const;
const overload = { server: 'edge', load: { kind: 'share', factor: 2 } } as const;
const outcomes: Outcomes = { offered: 1000, acknowledged: 1000, failed: 0, unknown: 0 };
const latency = { p50: 1, p90: 1, p99: 1, p999: 1, max: 1 };
const driver: DriverResult = {
  seconds: 1,
  window: outcomes,
  total: outcomes,
  failures: [],
  latency: { corrected: latency, raw: latency, histogram: '', rawHistogram: '' },
  bytesOut: 1,
  bytesIn: 1,
  usage: [],
  generator: { cpuShare: 0.3, due: 1000, late: 0, unsent: 0 },
};
const audit = { stored: 1000, counted: 1000, shown: 7, due: 7, trimmed: 0, stuck: '' };
const account = { acknowledged: 1000, unknown: 0, audit };
const withTotal = (total: Partial<Outcomes>): DriverResult => ({ ...driver, total: { ...outcomes, ...total } });

test('a flawless window and account are valid', () => {
  expect(judgeWindow(driver, closed)).toStrictEqual([]);
  expect(judgeAccount(account)).toStrictEqual([]);
  expect(judgeAccount({ ...account, audit: null })).toStrictEqual([]);
});

test('acknowledged, stored, counted and shown votes must agree', () => {
  for (const wrong of [
    { stored: 999, counted: 999 },
    { stored: 1001, counted: 1001 },
    { counted: 999 },
    { counted: 1001 },
    { trimmed: 3 },
    { shown: 6 },
  ]) {
    expect(judgeAccount({ ...account, audit: { ...audit, ...wrong } }).length, JSON.stringify(wrong)).toBe(1);
  }
});

test('a vote with an unknown outcome may or may not be stored', () => {
  const open = { acknowledged: 99_998, unknown: 2 };
  for (const stored of [99_998, 99_999, 100_000]) {
    expect(judgeAccount({ ...open, audit: { ...audit, stored, counted: stored } })).toStrictEqual([]);
  }
  expect(judgeAccount({ ...open, audit: { ...audit, stored: 100_001, counted: 100_001 } }).length).toBe(1);
});

test('failing calls make a window invalid, except in an overload', () => {
  const failing = withTotal({ acknowledged: 500, failed: 500 });
  expect(judgeWindow(failing, closed).length).toBe(1);
  expect(judgeWindow(failing, overload)).toStrictEqual([]);
});

test('votes without a reply make a window invalid', () => {
  const lost = withTotal({ offered: 100_000, acknowledged: 99_800 });
  expect(judgeWindow(lost, closed).join()).toMatch(/200 of 100000 votes were not acknowledged/);
});

test('a load generator that is late, or too busy, makes a window invalid', () => {
  const late = { ...driver, generator: { cpuShare: 0.3, due: 1000, late: 6, unsent: 5 } };
  expect(judgeWindow(late, closed).length).toBe(1);
  const busy = { ...driver, generator: { cpuShare: 0.86, due: 1000, late: 0, unsent: 0 } };
  expect(judgeWindow(busy, closed).length).toBe(1);
  const tolerable = { ...driver, generator: { cpuShare: 0.85, due: 1000, late: 10, unsent: 0 } };
  expect(judgeWindow(tolerable, closed)).toStrictEqual([]);
});

test('a window without acknowledged votes is never valid', () => {
  expect(judgeWindow({ ...driver, window: { ...outcomes, acknowledged: 0 } }, closed).length).toBe(1);
});

test('a server that stores nothing may be faster than the load generator', () => {
  const busy = { ...driver, generator: { ...driver.generator, cpuShare: 0.99 } };
  expect(judgeWindow(busy, { ...closed, server: 'socket' })).toStrictEqual([]);
  expect(judgeWindow(busy, { ...closed, server: 'peer' }).length).toBe(1);
  expect(judgeWindow(busy, { server: 'bare', load: { kind: 'open', requestsPerSecond: 1 } }).length).toBe(1);
});
