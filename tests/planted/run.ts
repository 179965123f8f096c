import { parseArgs } from 'node:util';
import { makeCell } from '../../bench/cells/cell.ts';
import { effectsOf } from '../../bench/report/effects.ts';
import { amount, ratioText } from '../../bench/report/output/format.ts';
import type { Effect } from '../../bench/report/report.ts';
import { costRow } from '../../bench/report/rows.ts';
import { prepareBench } from '../../bench/runner/prepare-bench.ts';
import { type BenchOutcome, runCells } from '../../bench/runner/run-cells.ts';
import { commonProcessVariance, logMean, toRatio } from '../../bench/statistics/ratio.ts';
import { startEdgeSystem } from '../../bench/targets/edge-system.ts';
import { choosePlacement } from '../../bench/targets/process/placement.ts';
import { printHelp } from '../../tools/print-help.ts';

printHelp(`npm run test:planted [-- <options>]

Slows the TypeScript codec, Hono's server or HTTP/2 down by 10 % of a vote's CPU time, and measures the edge alternately
with and without the slowdown. The effect of that factor must change, and no other.

--passes N    on new processes (2)
--windows N   of each edge in a pass (12)

Exit codes: 0 every slowdown attributed, 1 one attributed to another factor or to none, 3 too busy to tell.`);

const { values } = parseArgs({
  options: { passes: { type: 'string', default: '2' }, windows: { type: 'string', default: '12' } },
});
const PLANTED = 0.1;
/** Wider intervals cannot distinguish a tenth from no effect. */
const TELLING = 0.1;
/** The default edge, and variants that differ in one factor each. */
const CELLS = [
  { transport: 'http1', connections: 64 },
  { transport: 'http1', connections: 64, codec: 'typescript' },
  { transport: 'http1', connections: 64, server: 'edge-framework' },
  { transport: 'http2', connections: 64 },
] as const;
const FACTORS = ['codec', 'server', 'transport'] as const;
type Factor = (typeof FACTORS)[number];

prepareBench();
const placement = choosePlacement();
const results = [];
for (const factor of FACTORS) results.push(await attribute(factor));
process.exitCode = results.includes('wrong') ? 1 : results.includes('too busy') ? 3 : 0;

/** Measures with and without one slowdown, and prints how the effect of each factor changes. */
async function attribute(planted: Factor): Promise<'attributed' | 'wrong' | 'too busy'> {
  const before = await measure(['plain'], { passes: 1, windows: 4 });
  const at = FACTORS.indexOf(planted) + 1;
  const cost = rowsOf(before)[at]?.cpuSecondsPerMillion?.median ?? Number.NaN;
  const slow = { SLOW: planted, SLOW_NS: `${Math.round(cost * PLANTED * 1000)}` };
  const size = { passes: Number(values.passes), windows: Number(values.windows) };
  const effects = effectsOf(rowsOf(await measure(['plain', 'slow'], { ...size, slow })));
  console.log(`\n${planted}: ${slow.SLOW_NS} ns more for each vote, which costs ${amount(cost)} us`);
  const changes = FACTORS.map((factor) => ({ factor, change: changeOf(effects, factor) }));
  let result: 'attributed' | 'wrong' | 'too busy' = 'attributed';
  for (const { factor, change } of changes) {
    const isTelling = change !== undefined && Math.sqrt(change.high / change.low) - 1 <= TELLING;
    const isRight =
      change !== undefined &&
      (factor === planted ? change.low > 1 : change.low < 1 + PLANTED / 3 && change.high > 0.97);
    console.log(`  ${factor.padEnd(10)} changes by ${change ? ratioText(change) : 'n/a'}  ${isRight ? 'ok' : 'WRONG'}`);
    if (!isRight && isTelling) result = 'wrong';
    else if (!isTelling && result === 'attributed') result = 'too busy';
  }
  console.log(`  ${result}`);
  return result;
}

/** The effect with the slowdown as a multiple of the effect without it, from adjacent windows. */
function changeOf(effects: readonly Effect[], factor: Factor) {
  const [plain, slow] = ['plain', 'slow'].map((name) =>
    effects.find((one) => one.block === name && one.factor === factor),
  );
  if (plain === undefined || slow === undefined) return undefined;
  const ratios = slow.ratios.map((pass, at) =>
    pass.map((ratio, window) => ratio / (plain.ratios[at]?.[window] ?? Number.NaN)),
  );
  const mean = logMean(ratios, commonProcessVariance(effects.map((effect) => effect.ratios)));
  return mean && toRatio(mean);
}

interface Size {
  readonly passes: number;
  readonly windows: number;
  readonly slow?: Readonly<Record<string, string>>;
}

function measure(names: readonly string[], { passes, windows, slow = {} }: Size): Promise<BenchOutcome> {
  return runCells({
    blocks: names.map((name) => ({
      name,
      question: '',
      passes,
      windows,
      cells: CELLS.map((one) => makeCell(name, one)),
    })),
    warmupMs: 900,
    measureMs: 300,
    placement,
    together: true,
    startSystem: (cell) =>
      startEdgeSystem({
        ...cell,
        ingress: cell.server === 'edge' ? 'direct' : 'framework',
        placement,
        ...(cell.block === 'slow' ? { main: 'tests/planted/slow-edge.ts', env: slow } : {}),
      }),
    signal: new AbortController().signal,
    onBlock: ({ failures }) => {
      for (const { cell, error } of failures) console.log(`${cell}: ${error}`);
    },
  });
}

function rowsOf(outcome: BenchOutcome) {
  const ids = [...new Set(outcome.measurements.map(({ cell }) => cell))];
  return ['plain', 'slow'].flatMap((block) =>
    CELLS.flatMap((settings) => {
      const cell = makeCell(block, settings);
      return ids.includes(cell.id) ? (costRow(cell, outcome) ?? []) : [];
    }),
  );
}
