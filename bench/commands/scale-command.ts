import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readEnvironment } from '../report/environment.ts';
import { amount } from '../report/output/format.ts';
import { table } from '../report/output/markdown.ts';
import { prepareBench } from '../runner/prepare-bench.ts';
import { FITTED_PARTITIONS, fitModel } from '../scale/cost-model.ts';
import { COMPONENTS, measureScalePoint, type ScalePoint } from '../scale/measure-scale.ts';
import { choosePlacement } from '../targets/process/placement.ts';
import { ROOT } from '../targets/process/runtimes.ts';
import { readNumber } from './options.ts';

const USAGE = `npm run bench:scale -- [options]   the whole system by batch size, partitions and Redis masters (about 3 minutes)

Measures the CPU time of edge, Redis, tally and log per million votes, each in a process of its own, and fits the cost
model of npm run bench -- plan.

  --seconds N    of load per point; default 4
  --output FILE  default bench/scale/model.json
  --help`;

const PLAN: readonly Pick<ScalePoint, 'partitions' | 'masters' | 'batch'>[] = [
  ...[1, 10, 100, 500].map((batch) => ({ partitions: FITTED_PARTITIONS, masters: 1, batch })),
  ...[1, 2, 8].map((partitions) => ({ partitions, masters: 1, batch: 100 })),
  ...[2, 3].map((masters) => ({ partitions: 8, masters, batch: 100 })),
];
/** Batch sizes that the model is not fitted on: it has to predict them. */
const HELD_OUT = [{ partitions: FITTED_PARTITIONS, masters: 1, batch: 30 }];

process.exitCode = await scaleCommand(process.argv.slice(2));

async function scaleCommand(args: string[]): Promise<number> {
  const text = { type: 'string' } as const;
  if (args.includes('--help')) {
    console.log(USAGE);
    return 0;
  }
  let seconds: number;
  let output: string;
  try {
    const { values } = parseArgs({ args, options: { seconds: text, output: text } });
    seconds = readNumber('seconds', values.seconds, { fallback: 4, min: 1, max: 600 });
    output = values.output ?? join(ROOT, 'bench/scale/model.json');
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return 2;
  }
  prepareBench();
  const placement = choosePlacement();
  const measure = async (all: typeof PLAN) => {
    const points: ScalePoint[] = [];
    for (const shape of all) {
      const point = await measureScalePoint({ ...shape, seconds, placement });
      console.log(
        `${point.batch} per request, ${point.partitions} partitions, ${point.masters} masters: ${Math.round(point.votesPerSecond).toLocaleString('en')} votes/s`,
      );
      points.push(point);
    }
    return points;
  };
  const points = await measure(PLAN);
  const { cpu, cores } = readEnvironment(placement);
  const machine = `${cpu}, ${cores} cores`;
  const model = fitModel({ points, heldOut: await measure(HELD_OUT), measuredAt: new Date(), machine });
  await writeFile(output, `${JSON.stringify(model, null, 1)}\n`);
  const head = [
    'batch',
    'partitions',
    'masters',
    'votes/s',
    ...COMPONENTS,
    'commands/vote',
    'idle commands/s',
    'bytes/voter',
  ];
  console.log(
    table(
      head,
      points.map((point) => [
        `${point.batch}`,
        `${point.partitions}`,
        `${point.masters}`,
        Math.round(point.votesPerSecond).toLocaleString('en'),
        ...COMPONENTS.map((name) => amount(point.cpu[name])),
        amount(point.commandsPerVote),
        amount(point.idleCommandsPerSecond),
        amount(point.bytesPerVoter),
      ]),
    ),
  );
  for (const { batch, predicted, measured } of model.checks) {
    console.log(
      `Batch of ${batch}, not fitted: ${amount(predicted)} CPU-s per million predicted, ${amount(measured)} measured.`,
    );
  }
  console.log(output);
  return 0;
}
