import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Contest } from '../load/make-job.ts';
import { readEnvironment } from '../report/environment.ts';
import { amount, percent } from '../report/output/format.ts';
import { table } from '../report/output/markdown.ts';
import { prepareBench } from '../runner/prepare-bench.ts';
import { FITTED_PARTITIONS, fitModel } from '../scale/cost-model.ts';
import { COMPONENTS, measureScalePoint, type ScalePoint } from '../scale/measure-scale.ts';
import { choosePlacement, type Placement } from '../targets/process/placement.ts';
import { ROOT } from '../targets/process/runtimes.ts';
import { readNumber } from './options.ts';

const USAGE = `npm run bench:scale -- [options]   the whole system by batch size, partitions and Redis masters (about 6 minutes)

Measures the CPU time of edge, Redis, tally and log per million votes, each in a separate process, and fits the cost
model of votewire plan. Exit code 1 if the model's prediction for a batch size not used in the fit is off by over 20 %.

  --throughput   measure batches of 500 alone, in both kinds of contest, and write nothing
  --seconds N    of load per point; default 4, with --throughput 8
  --rounds N     measurements of each batch size; default 3
  --output FILE  default bench/scale/model.json
  --help`;

type Shape = Pick<ScalePoint, 'partitions' | 'masters' | 'batch'> & { readonly contest?: Contest };
const shapeOf = (batch: number, partitions = FITTED_PARTITIONS, masters = 1): Shape => ({ partitions, masters, batch });

/** A size that is not used in the fit, to check the model's prediction. */
const HELD_OUT = 50;
/** In the order of measurement; each round reverses it, to cancel the drift of the machine. */
const SIZES = [1, 5, 20, HELD_OUT, 100, 500].map((batch) => shapeOf(batch));
const OTHERS = [shapeOf(100, 1), shapeOf(100, 2), shapeOf(100, 8), shapeOf(100, 8, 2), shapeOf(100, 8, 3)];
/** Batches of 500 in an open contest, and with one vote per voter, which costs Redis several times as much. */
const LARGE: readonly Shape[] = (['bandas', 'cats-vs-dogs'] as const).map((contest) => ({ ...shapeOf(500), contest }));
/** Maximum relative error of that prediction. */
const TOLERANCE = 0.2;

process.exitCode = await scaleCommand(process.argv.slice(2));

async function scaleCommand(args: string[]): Promise<number> {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  let options: { seconds: number; rounds: number; output: string; throughput: boolean };
  try {
    const { values } = parseArgs({
      args,
      options: { seconds: text, rounds: text, output: text, throughput: flag, help: flag },
    });
    if (values.help) {
      console.log(USAGE);
      return 0;
    }
    const { throughput, output = join(ROOT, 'bench/scale/model.json') } = values;
    const whole = { min: 1, max: 600, whole: true };
    const seconds = readNumber('seconds', values.seconds, { ...whole, fallback: throughput ? 8 : 4 });
    options = { seconds, rounds: readNumber('rounds', values.rounds, { ...whole, fallback: 3 }), output, throughput };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return 2;
  }
  prepareBench();
  const placement = choosePlacement();
  const { seconds, rounds, output, throughput } = options;
  if (throughput) {
    const measured = await measureAll([...LARGE, ...LARGE], seconds, placement);
    for (const [at, { contest }] of LARGE.entries()) {
      console.log(`\n${contest}: ${contest === 'bandas' ? 'an open contest' : 'one vote per voter'}`);
      printPoints(measured.filter((_, index) => index % LARGE.length === at));
    }
    return 0;
  }
  const sizes = Array.from({ length: rounds }, (_, round) => (round % 2 === 0 ? SIZES : SIZES.toReversed())).flat();
  const measured = await measureAll([...sizes, ...OTHERS], seconds, placement);
  const { cpu, cores } = readEnvironment(placement);
  const model = fitModel({
    points: measured.filter(({ batch }) => batch !== HELD_OUT),
    heldOut: measured.filter(({ batch }) => batch === HELD_OUT),
    measuredAt: new Date(),
    machine: `${cpu}, ${cores} cores`,
  });
  await writeFile(output, `${JSON.stringify(model, null, 1)}\n`);
  printPoints(measured);
  let missed = false;
  for (const check of model.checks) {
    const error = check.predicted / check.measured - 1;
    if (Math.abs(error) > TOLERANCE) missed = true;
    console.log(
      `${missed ? 'MISSED' : 'met   '} Batches of ${check.batch}, not fitted: ${amount(check.predicted)} CPU-s per million predicted, ${amount(check.measured)} measured: ${percent(error)} (at most ${percent(TOLERANCE)})`,
    );
  }
  console.log(output);
  return missed ? 1 : 0;
}

async function measureAll(shapes: readonly Shape[], seconds: number, placement: Placement): Promise<ScalePoint[]> {
  const points: ScalePoint[] = [];
  for (const shape of shapes) {
    const point = await measureScalePoint({ ...shape, seconds, placement });
    const { batch, partitions, masters, votesPerSecond } = point;
    console.log(
      `${batch} per request, ${partitions} partitions, ${masters} masters: ${Math.round(votesPerSecond).toLocaleString('en')} votes/s`,
    );
    points.push(point);
  }
  return points;
}

function printPoints(points: readonly ScalePoint[]): void {
  const costs = [...COMPONENTS, 'tally + log'];
  const head = ['batch', 'partitions', 'masters', 'votes', 'votes/s', ...costs, 'commands/vote', 'idle commands/s'];
  const lines = points.map(({ batch, partitions, masters, votes, votesPerSecond, cpu, ...point }) => [
    `${batch}`,
    `${partitions}`,
    `${masters}`,
    votes.toLocaleString('en'),
    Math.round(votesPerSecond).toLocaleString('en'),
    ...COMPONENTS.map((name) => amount(cpu[name])),
    amount(cpu.tally + cpu.log),
    amount(point.commandsPerVote),
    amount(point.idleCommandsPerSecond),
  ]);
  console.log(`CPU-seconds per million votes:\n${table(head, lines)}`);
}
