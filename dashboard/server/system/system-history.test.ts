import { expect, test } from 'vitest';
import type { SampleStream } from '../../../store/monitoring/sample-stream.ts';
import type { ProcessView, SystemView } from '../../../store/monitoring/system.ts';
import { type SystemFigures, SystemHistory, type SystemHistoryOptions } from './system-history.ts';

const NO_LISTS = { claims: [], events: [] };
const FIGURES: SystemFigures = { countDelayMs: 120, logDelayMs: undefined, redisBytes: 5_000_000, ...NO_LISTS };

const edge = (acceptedHttp: number): ProcessView => ({
  name: 'e1',
  ageMs: 100,
  reportedAt: '2026-03-01T12:30:00.000Z',
  startedAt: '2026-03-01T12:00:00.000Z',
  alive: true,
  details: { acceptedHttp, acceptedGrpc: 0, acceptedConnect: 0 },
});
const NOTHING_STORED: SampleStream = {
  add: async () => undefined,
  read: async () => [],
  remove: async () => undefined,
};
const historyOf = (read: SystemHistoryOptions['read'], samples = NOTHING_STORED) =>
  new SystemHistory({ read, samples, now: Date.now, record: async () => undefined });

function system(part: Partial<SystemView>): SystemView {
  const groups = [
    { name: 'tally', lag: 3, pending: 2 },
    { name: 'log', lag: null, pending: 4 },
  ];
  return {
    partitions: [],
    groups,
    consumers: [],
    edges: [],
    canReport: true,
    warnings: [],
    ...part,
  } as unknown as SystemView;
}

test('keeps known values, and a gap for unknown ones', async () => {
  const views = [system({ edges: [edge(100)] }), system({ edges: [edge(400)] })];
  using history = historyOf(async () => {
    const view = views.shift();
    if (view === undefined) throw new Error('Redis is unavailable');
    return [view, FIGURES];
  });
  for (let n = 0; n < 3; n++) {
    await history.sample();
    await new Promise((done) => setTimeout(done, 5));
  }
  const [first, second, third] = history.view().samples;
  expect(first).toMatchObject({ toCount: 5, toLog: null, countDelayMs: 120, logDelayMs: null, http: null });
  expect(second?.http ?? 0).toBeGreaterThan(1000);
  expect(second?.grpc).toBe(0);
  expect(third).toMatchObject({ toCount: null, http: null, redisBytes: null });
});

test('a dashboard that starts later has the samples of the last hour, and two dashboards store each sample once', async () => {
  const rows = new Map<number, Record<string, string>>();
  const stored: SampleStream = {
    async add(at, fields) {
      const step = Math.floor(at / 2000) * 2000;
      if (!rows.has(step)) rows.set(step, fields as Record<string, string>);
    },
    read: async () => [...rows].map(([at, fields]) => ({ at, fields })),
    remove: async () => undefined,
  };
  rows.set(2000, { sample: 'not JSON' });
  {
    using one = historyOf(async () => [system({}), FIGURES], stored);
    await one.sample();
  }
  await new Promise((done) => setTimeout(done, 5));
  using two = historyOf(async () => [system({}), FIGURES], stored);
  await two.sample();
  await two.load();
  expect(two.view().samples.map(({ toCount }) => toCount)).toStrictEqual([5, 5]);
});
