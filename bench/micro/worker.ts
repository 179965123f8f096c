import { buildWorker } from '../../supervisor/build/build-worker.ts';
import { printHelp } from '../../tools/print-help.ts';
import { prepareBench } from '../runner/prepare-bench.ts';
import { measureWorker, type WorkerCosts } from './worker-costs.ts';

const USAGE = `npm run bench:worker   what a vote costs the edge, sent to it directly and through the edge worker

Single votes over HTTP/1.1 at the same rate, at an edge and at a worker on workerd in front of the same edge, in windows
that alternate. Target: the edge's CPU time per vote behind the worker is at most a fifth.

Exit codes: 0 target met, 1 missed or an error.`;

const TARGET = 0.2;
const LOAD = { votesPerSecond: 2000, connections: 64, rounds: 8, windowMs: 1000 } as const;
printHelp(USAGE);
prepareBench();
const dist = await buildWorker();
const costs = await measureWorker({ ...LOAD, dist });
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
