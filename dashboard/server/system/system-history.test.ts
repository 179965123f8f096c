import { expect, test } from 'vitest';
import type { SampleStream } from '../../../store/monitoring/sample-stream.ts';
import type { ConsumerView, ProcessView, SystemView } from '../../../store/monitoring/system.ts';
import { type SystemFigures, SystemHistory } from './system-history.ts';

const FIGURES: SystemFigures = { countDelayMs: 120, logDelayMs: undefined, redisBytes: 5_000_000, claims: [] };

const edge = (acceptedHttp: number): ProcessView => ({
  name: 'e1',
  ageMs: 100,
  startedAt: '2026-03-01T12:00:00.000Z',
  alive: true,
  details: { acceptedHttp, acceptedGrpc: 0, acceptedConnect: 0 },
});
const consumer = (name: string, alive: boolean, pending = 0): ConsumerView => {
  return { ...edge(0), name, alive, pending: { tally: pending, log: 0 } };
};

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

test('keeps what is known, and a hole for what is not', async () => {
  const views = [system({ edges: [edge(100)] }), system({ edges: [edge(400)] })];
  using history = new SystemHistory(async () => {
    const view = views.shift();
    if (view === undefined) throw new Error('Redis is away');
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

test('a consumer that dies is an event that names who claimed its entries, and how many', async () => {
  const running = system({ consumers: ['c1', 'c2', 'c3', 'c4'].map((name) => consumer(name, true)), edges: [edge(0)] });
  const dead = system({
    consumers: [consumer('c1', false, 5), ...['c2', 'c3', 'c4'].map((name) => consumer(name, true))],
  });
  const readings: [SystemView, SystemFigures][] = [
    [running, FIGURES],
    [dead, FIGURES],
  ];
  using history = new SystemHistory(async () => readings.shift() ?? [dead, { ...FIGURES, claims }]);
  const at = Date.now();
  const claims = [
    { id: '3-0', at, by: 'c3', from: 'c1', entries: 1 },
    { id: '2-0', at, by: 'c2', from: 'c1', entries: 3 },
    { id: '1-0', at, by: 'c3', from: 'c1', entries: 1 },
    // Of another consumer, and of an earlier death of c1.
    { id: '0-2', at, by: 'c4', from: 'c9', entries: 7 },
    { id: '0-1', at: at - 60_000, by: 'c4', from: 'c1', entries: 7 },
  ];
  const texts = () => history.view().events.map(({ text, bad }) => [text, bad]);
  await history.sample();
  await history.sample();
  const left = ['Edge e1 stopped in order', false];
  expect(texts()).toStrictEqual([['Consumer c1 stopped reporting; 5 entries of it are not claimed yet', true], left]);
  await history.sample();
  expect(texts()).toStrictEqual([
    ['Consumer c1 stopped reporting; its entries were claimed by c3 (2), c2 (3)', true],
    left,
  ]);
});

test('a dashboard that starts later has the samples of the last hour, and two dashboards store each step once', async () => {
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
    using one = new SystemHistory(async () => [system({}), FIGURES], stored);
    await one.sample();
  }
  await new Promise((done) => setTimeout(done, 5));
  using two = new SystemHistory(async () => [system({}), FIGURES], stored);
  await two.sample();
  await two.load();
  expect(two.view().samples.map(({ toCount }) => toCount)).toStrictEqual([5, 5]);
});
