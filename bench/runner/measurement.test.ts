import { expect, test } from 'vitest';
import type { DriverResult, Outcomes } from '../load/job.ts';
import { type Evidence, judge } from './measurement.ts';

const closed = { load: { kind: 'closed' } } as const;
const outcomes: Outcomes = { offered: 1000, acknowledged: 1000, failed: 0, unknown: 0 };

const driver: DriverResult = {
  driver: 'own',
  seconds: 1,
  window: outcomes,
  total: outcomes,
  failures: [],
  latency: null,
  bytesOut: 1,
  bytesIn: 1,
  usage: [],
  generator: { cpuShare: 0.3, due: 1000, late: 0, unsent: 0 },
  rows: [],
};
const sound: Evidence = {
  driver,
  acknowledged: 1000,
  audit: { stored: 1000, counted: 1000, shown: 7, due: 7, trimmed: 0, stuck: '' },
};

const withTotal = (total: Partial<Outcomes>): DriverResult => ({ ...driver, total: { ...outcomes, ...total } });

test('a sound measurement is valid', () => {
  expect(judge(sound, closed)).toStrictEqual([]);
});

test('what is acknowledged and not stored, stored and not acknowledged, stored and not counted', () => {
  const audits = [
    { stored: 999, counted: 999, shown: 7, due: 7, trimmed: 0, stuck: '' },
    { stored: 1001, counted: 1001, shown: 7, due: 7, trimmed: 0, stuck: '' },
    { stored: 1000, counted: 999, shown: 7, due: 7, trimmed: 0, stuck: '' },
    { stored: 1000, counted: 1001, shown: 7, due: 7, trimmed: 0, stuck: '' },
    { stored: 1000, counted: 1000, shown: 7, due: 7, trimmed: 3, stuck: '' },
    { stored: 1000, counted: 1000, shown: 6, due: 7, trimmed: 0, stuck: '' },
  ];
  for (const audit of audits) expect(judge({ ...sound, audit }, closed).length, JSON.stringify(audit)).toBe(1);
});

test('a vote of unknown outcome may be stored or not', () => {
  const acknowledged = 99_998;
  const open = withTotal({ offered: 100_000, acknowledged, unknown: 2 });
  for (const stored of [acknowledged, acknowledged + 1, acknowledged + 2]) {
    const audit = { stored, counted: stored, shown: 7, due: 7, trimmed: 0, stuck: '' };
    expect(judge({ driver: open, acknowledged, audit }, closed)).toStrictEqual([]);
  }
  const audit = { stored: acknowledged + 3, counted: acknowledged + 3, shown: 7, due: 7, trimmed: 0, stuck: '' };
  expect(judge({ driver: open, acknowledged, audit }, closed).length).toBe(1);
});

test('failing calls make a run invalid, but for an overload', () => {
  const failing = withTotal({ acknowledged: 500, failed: 500 });
  const evidence = {
    driver: failing,
    acknowledged: 500,
    audit: { stored: 500, counted: 500, shown: 7, due: 7, trimmed: 0, stuck: '' },
  };
  expect(judge(evidence, closed).length).toBe(1);
  expect(judge(evidence, { load: { kind: 'overload', of: 'x', factor: 2 } })).toStrictEqual([]);
});

test('votes that were sent and never heard of again make a run invalid', () => {
  const total = { offered: 100_000, acknowledged: 99_800 };
  const evidence = { driver: withTotal(total), acknowledged: 99_800, audit: null };
  expect(judge(evidence, closed).join()).toMatch(/200 of 100000 votes were not acknowledged/);
});

test('a generator that is late, or too busy, makes a run invalid', () => {
  const late = { ...driver, generator: { cpuShare: 0.3, due: 1000, late: 6, unsent: 5 } };
  expect(judge({ ...sound, driver: late }, closed).length).toBe(1);
  const busy = { ...driver, generator: { cpuShare: 0.86, due: 1000, late: 0, unsent: 0 } };
  expect(judge({ ...sound, driver: busy }, closed).length).toBe(1);
  const tolerable = { ...driver, generator: { cpuShare: 0.85, due: 1000, late: 10, unsent: 0 } };
  expect(judge({ ...sound, driver: tolerable }, closed)).toStrictEqual([]);
});

test('nothing acknowledged is never a measurement', () => {
  const silent = { ...driver, window: { ...outcomes, acknowledged: 0 } };
  expect(judge({ ...sound, driver: silent }, closed).length).toBe(1);
});
