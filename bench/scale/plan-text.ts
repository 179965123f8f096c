import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readNumber } from '../commands/options.ts';
import { amount, mebibytes, money, percent } from '../report/output/format.ts';
import { table } from '../report/output/markdown.ts';
import { ROOT } from '../targets/process/runtimes.ts';
import type { CostModel } from './cost-model.ts';
import { COMPONENTS } from './measure-scale.ts';
import { makePlan, type PlanInput } from './plan.ts';

/** @throws {Error} naming the option, its value and the allowed range */
export function readPlanOptions(args: string[]): { input: PlanInput; file: string } {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args,
    options: {
      'votes-per-second': text,
      voters: text,
      batch: text,
      utilization: text,
      'cpu-hour-price': text,
      'memory-hour-price': text,
      model: { type: 'string', default: join(ROOT, 'bench/scale/model.json') },
    },
  });
  if (values['votes-per-second'] === undefined) throw new Error('--votes-per-second is required');
  const read = (
    name: Exclude<keyof typeof values, 'model'>,
    fallback: number,
    [min, max]: [number, number],
    whole = false,
  ) => readNumber(name, values[name], { fallback, min, max, whole });
  return {
    file: values.model,
    input: {
      votesPerSecond: read('votes-per-second', 0, [1, 1e9]),
      voters: read('voters', 0, [0, 1e10], true),
      batch: read('batch', 1, [1, 10_000], true),
      utilization: read('utilization', 0.7, [0.1, 1]),
      cpuHourPrice: read('cpu-hour-price', 0.04, [0, 100]),
      memoryHourPrice: read('memory-hour-price', 0.005, [0, 100]),
    },
  };
}

/** The plan as text for people. */
export function planText(input: PlanInput, model: CostModel): string {
  const plan = makePlan(input, model);
  const { votesPerSecond, voters, batch } = input;
  const lines = COMPONENTS.map((name) => [
    name === 'redis' ? 'Redis masters' : name,
    `${plan.processes[name]}`,
    amount(plan.cores[name]),
  ]);
  const points = model.points.map(
    (point) =>
      `${point.batch} per request, ${point.partitions} partitions, ${point.masters} masters: ${Math.round(point.votesPerSecond).toLocaleString('en')} votes/s`,
  );
  return [
    `${votesPerSecond.toLocaleString('en')} votes/s in requests of ${batch}, ${voters.toLocaleString('en')} voters`,
    '',
    table(['component', 'processes', 'cores in use'], lines),
    '',
    `Partitions: ${plan.partitions}`,
    `Redis memory, all masters: ${mebibytes(plan.redisMemoryBytes)}`,
    `Network into the edges: ${amount(plan.networkBitsPerSecond / 1e6)} Mbit/s`,
    `Redis commands without load: ${amount(plan.idleCommandsPerSecond)}/s`,
    `Cost: ${money(plan.dollarsPerHour)} per hour`,
    '',
    `Measured ${model.measuredAt.slice(0, 10)} on ${model.machine}:`,
    ...points.map((point) => `  ${point}`),
    ...model.checks.map(
      (check) =>
        `  not fitted: ${check.batch} per request: ${amount(check.predicted)} CPU-s per million predicted, ${amount(check.measured)} measured (${percent(check.predicted / check.measured - 1)})`,
    ),
    ...(plan.extrapolations.length > 0 ? ['', 'Extrapolated:'] : []),
    ...plan.extrapolations.map((text) => `  ${text}`),
  ].join('\n');
}
