import { startWorkerProcess } from '../../edge/testing/worker-process.ts';
import { buildWorker } from '../../supervisor/build/build-worker.ts';
import { printHelp } from '../../tools/print-help.ts';
import { type Cell, makeCell } from '../cells/cell.ts';
import { cpuPerMillion, throughput } from '../runner/measurement.ts';
import { prepareBench } from '../runner/prepare-bench.ts';
import { startEdgeSystem } from '../targets/edge-system.ts';
import { choosePlacement, pin } from '../targets/process/placement.ts';
import type { System } from '../targets/system.ts';
import { compareCells } from './compare-cells.ts';

const USAGE = `npm run bench:worker   the edge's CPU time per vote, sent directly and through the edge worker

Single votes over HTTP/1.1 at 2,000/s, at an edge and at a worker on workerd in front of another one, in windows that
alternate. Target: the edge's CPU time per vote behind the worker is at most a fifth.

Exit codes: 0 target met, 1 missed or an error.`;

const TARGET = 0.2;
const LOAD = { transport: 'http1', connections: 64, load: { kind: 'open', requestsPerSecond: 2000 } } as const;
const PLAN = { passes: 2, windows: 4, warmupMs: 3000, measureMs: 1000 } as const;

printHelp(USAGE);
prepareBench();
const dist = await buildWorker();
const [direct, behind] = [makeCell('direct', LOAD), makeCell('through the worker', LOAD)];
const placement = choosePlacement();
const { pairs, medianOf, invalid } = await compareCells([{ before: direct, after: behind }], {
  ...PLAN,
  placement,
  startSystem: (cell) => (cell === direct ? startEdgeSystem({ ...cell, placement }) : startBehindWorker(cell)),
});

console.log('| | votes/s | edge | Redis | worker |\n|---|---|---|---|---|');
for (const cell of [direct, behind]) {
  const figures = ['server', 'redis', 'worker'].map((name) =>
    medianOf(cell, (one) => cpuPerMillion(one, name)).toFixed(2),
  );
  const rate = Math.round(medianOf(cell, throughput)).toLocaleString('en');
  console.log(`| ${cell.block} | ${rate} | ${figures.join(' | ')} |`);
}
console.log('CPU-seconds per million votes, medians of the windows');
for (const reason of invalid) console.log(`INVALID: ${reason}`);
const ratio = pairs[0]?.ratio;
const isMet = invalid.length === 0 && ratio != null && ratio.median <= TARGET;
if (ratio != null) {
  const [mean, low, high] = [ratio.median, ratio.low, ratio.high].map((share) => share.toFixed(3));
  console.log(
    `${isMet ? 'met   ' : 'MISSED'} edge behind the worker / direct: ${mean} (95 %: ${low} to ${high}; target ${TARGET})`,
  );
}
process.exit(isMet ? 0 : 1);

/** Starts an edge behind a worker, which receives the votes. */
async function startBehindWorker(cell: Cell): Promise<System> {
  await using started = new AsyncDisposableStack();
  const system = started.use(await startEdgeSystem({ ...cell, placement }));
  const worker = started.use(await startWorkerProcess('workerd', dist, system.url));
  pin(placement.driver, worker.pid);
  const owned = started.move();
  return {
    ...system,
    url: worker.httpUrl,
    watch: [...system.watch, { name: 'worker', pid: worker.pid }],
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
