import { parseArgs } from 'node:util';
import { buildWorker } from '../../supervisor/build/build-worker.ts';
import { readNumber } from '../commands/options.ts';
import { prepareBench } from '../runner/prepare-bench.ts';
import { measureWorker, type WorkerCosts } from './worker-costs.ts';

const USAGE = `npm run bench:worker [-- options]   what a vote costs the edge, sent to it directly and through the edge worker

Single votes over HTTP/1.1 at the same rate, at an edge and at a worker on workerd in front of the same edge, in windows
that alternate. Target: the edge's CPU time per vote behind the worker is at most a fifth.

  --votes-per-second N   default 2000
  --connections N        each with one vote in flight; default 64
  --rounds N             pairs of windows; default 8
  --ms N                 length of a window; default 1000
  --help

Exit codes: 0 target met, 1 missed or an error, 2 wrong arguments.`;

const TARGET = 0.2;
const values = readArguments();
if (typeof values === 'string') {
  console.error(`${values}\n\n${USAGE}`);
  process.exit(2);
}
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
prepareBench();
const dist = await buildWorker();
const costs = await measureWorker({ ...values, dist });
print(costs);
const { ratio, invalid } = costs;
for (const reason of invalid) console.log(`INVALID: ${reason}`);
const isMet = invalid.length === 0 && ratio !== null && ratio.median <= TARGET;
process.exit(isMet ? 0 : 1);

function print({ direct, worker, ratio }: WorkerCosts): void {
  console.log('| | votes/s | edge | Redis | worker |\n|---|---|---|---|---|');
  for (const [name, row] of Object.entries({ direct, 'through the worker': worker })) {
    const figures = [row.edge, row.redis, row.worker].map((seconds) => seconds.toFixed(2));
    console.log(`| ${name} | ${Math.round(row.votesPerSecond).toLocaleString('en')} | ${figures.join(' | ')} |`);
  }
  console.log('CPU-seconds per million votes, medians of the windows');
  if (ratio === null) return;
  const [mean, low, high] = [ratio.median, ratio.low, ratio.high].map((share) => share.toFixed(3));
  console.log(
    `${ratio.median <= TARGET ? 'met   ' : 'MISSED'} edge behind the worker / direct: ${mean} (95 %: ${low} to ${high}; target ${TARGET})`,
  );
}

/** The message if an argument is wrong. */
function readArguments() {
  try {
    const text = { type: 'string' } as const;
    const options = {
      'votes-per-second': text,
      connections: text,
      rounds: text,
      ms: text,
      help: { type: 'boolean', default: false },
    } as const;
    const { values } = parseArgs({ options });
    const whole = { whole: true } as const;
    return {
      help: values.help,
      votesPerSecond: readNumber('votes-per-second', values['votes-per-second'], {
        ...whole,
        fallback: 2000,
        min: 1,
        max: 1e6,
      }),
      connections: readNumber('connections', values.connections, { ...whole, fallback: 64, min: 1, max: 1000 }),
      rounds: readNumber('rounds', values.rounds, { ...whole, fallback: 8, min: 3, max: 100 }),
      windowMs: readNumber('ms', values.ms, { ...whole, fallback: 1000, min: 100, max: 60_000 }),
    };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
