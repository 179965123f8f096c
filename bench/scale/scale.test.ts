import { expect, test } from 'vitest';
import { costAt, fitModel } from './cost-model.ts';
import type { ScalePoint } from './measure-scale.ts';
import { makePlan, type PlanInput } from './plan.ts';

const point = (batch: number, change: Partial<ScalePoint> = {}): ScalePoint => ({
  partitions: 4,
  masters: 1,
  batch,
  votes: 1e6,
  votesPerSecond: 100_000,
  cpu: { edge: 0.3 + 20 / batch, redis: 1 + 2 / batch, tally: 1.2, log: 1.5 },
  commandsPerVote: 1 / batch,
  idleCommandsPerSecond: 40,
  bytesPerVoter: 104,
  bytesPerVote: 90 + 330 / batch,
  ...change,
});

const model = fitModel({
  points: [
    point(1),
    point(10),
    point(100),
    point(500),
    point(100, { partitions: 8, idleCommandsPerSecond: 60 }),
    point(100, { masters: 3 }),
  ],
  heldOut: [point(30)],
  measuredAt: new Date(0),
  machine: 'test',
});

const input: PlanInput = {
  votesPerSecond: 2_000_000,
  voters: 50_000_000,
  batch: 1,
  utilization: 0.7,
  cpuHourPrice: 0.04,
  memoryHourPrice: 0.005,
};

test('the model predicts an unmeasured batch size from the two nearest', () => {
  expect(model.cost.edge.map(({ batch }) => batch)).toStrictEqual([1, 10, 100, 500]);
  expect(costAt(model.cost.edge, 10)).toBeCloseTo(2.3, 6);
  expect(costAt(model.cost.tally, 30)).toBeCloseTo(1.2, 6);
  expect(costAt(model.cost.edge, 2000), 'beyond the last size').toBeCloseTo(0.34, 6);
  const [check] = model.checks;
  expect((check?.predicted ?? 0) / (check?.measured ?? 1)).toBeCloseTo(1, 1);
  expect(model.idleCommands).toStrictEqual({ fixed: expect.closeTo(20, 6), perPartition: expect.closeTo(5, 6) });
});

test('a shape that was measured several times gives its median', () => {
  const slow = point(1, { cpu: { edge: 90, redis: 9, tally: 9, log: 9 } });
  const input = { heldOut: [], measuredAt: new Date(0), machine: 'test' };
  expect(costAt(fitModel({ ...input, points: [point(1), slow, point(1)] }).cost.edge, 1)).toBeCloseTo(20.3, 6);
});

test('the plan gives each component enough processes for its CPU', () => {
  const plan = makePlan(input, model);
  // 2 M x 20.3 CPU-s per million = 40.6 cores, at 70 % 58 processes.
  expect(plan.cores.edge).toBeCloseTo(40.6, 6);
  expect(plan.processes).toStrictEqual({ edge: 58, redis: 9, tally: 4, log: 5 });
  expect(plan.partitions).toBe(16);
  expect(plan.redisMemoryBytes / 2 ** 30).toBeCloseTo(((50e6 * 104 + 2e7 * 420) * 1.5) / 2 ** 30, 3);
  expect(plan.dollarsPerHour).toBeGreaterThan(76 * 0.04);
});

test('a small load needs one process of each kind and is not an extrapolation', () => {
  const plan = makePlan({ ...input, votesPerSecond: 1000, voters: 10_000 }, model);
  expect(plan.processes).toStrictEqual({ edge: 1, redis: 1, tally: 1, log: 1 });
  expect(plan.extrapolations).toStrictEqual([]);
});

test('the plan names extrapolated parameters', () => {
  const { extrapolations } = makePlan({ ...input, batch: 1000 }, model);
  expect(extrapolations.join('; ')).toMatch(/rate: measured up to 100,000 .* batch: measured from 1 to 500/);
  expect(makePlan(input, model).extrapolations.join('; ')).toMatch(
    /Redis masters: measured up to 3.*partitions.*edges/,
  );
});

test('no term grows faster than the votes: 32 masters handle 32 times the votes of one', () => {
  const one = makePlan({ ...input, batch: 100, votesPerSecond: 690_000, voters: 1e6 }, model);
  const many = makePlan({ ...input, batch: 100, votesPerSecond: 32 * 690_000, voters: 32e6 }, model);
  expect(one.processes.redis).toBe(2);
  expect(many.processes.redis).toBeLessThanOrEqual(33);
  for (const term of ['redisMemoryBytes', 'networkBitsPerSecond', 'idleCommandsPerSecond', 'dollarsPerHour'] as const) {
    expect(many[term] / one[term], term).toBeLessThanOrEqual(32.5);
  }
});
