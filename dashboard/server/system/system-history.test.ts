import { expect, test } from 'vitest';
import type { ConsumerView, ProcessView, SystemView } from '../../../store/monitoring/system.ts';
import { type SystemFigures, SystemHistory } from './system-history.ts';

const FIGURES: SystemFigures = { countDelayMs: 120, logDelayMs: undefined, redisBytes: 5_000_000 };

const edge = (acceptedHttp: number): ProcessView => ({
  name: 'e1',
  ageMs: 100,
  startedAt: '2026-03-01T12:00:00.000Z',
  alive: true,
  details: { acceptedHttp, acceptedGrpc: 0, acceptedConnect: 0 },
});
const consumer = (name: string, alive: boolean): ConsumerView => ({ ...edge(0), name, alive, pending: {} });

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

test('a consumer that dies is an event that names who claims its entries', async () => {
  const views = [
    system({ consumers: [consumer('c1', true), consumer('c2', true)], edges: [edge(0)] }),
    system({ consumers: [consumer('c1', false), consumer('c2', true)] }),
    system({ consumers: [consumer('c1', false), consumer('c2', false)] }),
  ];
  using history = new SystemHistory(async () => [views.shift() ?? system({}), FIGURES]);
  for (let n = 0; n < 3; n++) await history.sample();
  expect(history.view().events.map(({ text, bad }) => [text, bad])).toStrictEqual([
    ['Consumer c2 stopped reporting; no other consumer is alive, so its entries wait', true],
    ['Consumer c1 stopped reporting; its entries are claimed by c2', true],
    ['Edge e1 stopped in order', false],
  ]);
});
