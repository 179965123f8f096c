import { join } from 'node:path';
import { measureCodecCosts } from '../micro/codec-costs.ts';
import { buildReport } from '../report/build-report.ts';
import { readEnvironment } from '../report/environment.ts';
import { amount } from '../report/format.ts';
import { injectHeadline, unfitForInjection } from '../report/inject.ts';
import { rowTable } from '../report/markdown.ts';
import type { BenchSettings, CodecCost, Freshness, Report } from '../report/report.ts';
import { writeReport } from '../report/write-report.ts';
import { measureFreshness } from '../runner/freshness.ts';
import { progressPrinter } from '../runner/progress.ts';
import { type BenchOutcome, runBench } from '../runner/run-bench.ts';
import { allVariants, quickVariants } from '../runner/scenarios.ts';
import { startSystem } from '../runner/start-system.ts';
import type { Variant } from '../runner/variant.ts';
import { killChildren } from '../targets/child.ts';
import { OwnGenerator } from '../targets/own-generator.ts';
import { choosePlacement, type Placement } from '../targets/placement.ts';
import { targetSystem } from '../targets/remote-system.ts';
import { ROOT } from '../targets/runtimes.ts';
import type { BenchOptions } from './options.ts';

/** A quick run ends within a minute on a busy machine, too: with fewer rounds. */
const QUICK_BUDGET = { softMs: 46_000, hardMs: 50_000 };

/** What the rounds of a full run should take; what comes after them takes up to two minutes more. */
const FULL_RUN_MS = 23 * 60_000;

/** Measures, writes the report and prints its verdict; returns the exit code. */
export async function benchCommand(options: BenchOptions): Promise<number> {
  const placement = choosePlacement();
  const environment = readEnvironment(placement);
  const createdAt = new Date();
  const variants = chooseVariants(options);
  const stop = stopOnSignal();
  const { target } = options;
  console.log(
    `${variants.length} variants, ${options.rounds} rounds. Ctrl-C ends the run and keeps what was measured.`,
  );
  const outcome = await runBench({
    variants,
    rounds: options.rounds,
    warmupMs: options.warmupMs,
    measureMs: options.measureMs,
    placement,
    freshEachRound: !options.quick,
    ...(options.ownLength ? {} : options.quick ? { budget: QUICK_BUDGET } : { fitMs: FULL_RUN_MS }),
    startSystem: target === undefined ? startSystem : async () => targetSystem(target),
    generator: new OwnGenerator(),
    signal: stop,
    onProgress: progressPrinter(console.log),
  });
  const codecs = stop.aborted ? [] : measureCodecsAlone(options, placement);
  const freshness = await measureBothFreshness(options, placement, stop);
  const settings = settingsOf(options, outcome);
  const report = buildReport({ createdAt, variants, outcome, freshness, codecs, settings, environment });
  const folder = await writeReport(report, options.output);
  printReport(report, folder);
  if (!report.valid) return 1;
  return options.inject && !(await inject(report)) ? 1 : 0;
}

/** Prints the reason and returns false if the report is not fit for the README. */
async function inject(report: Report): Promise<boolean> {
  const unfit = unfitForInjection(report);
  if (unfit === undefined) await injectHeadline(report, join(ROOT, 'README.md'));
  else console.error(`--inject: ${unfit}`);
  return unfit === undefined;
}

/** A failure here is printed and left out: the rows, which took most of the time, are kept. */
function measureCodecsAlone({ target, scenarios, rounds, quick }: BenchOptions, placement: Placement): CodecCost[] {
  if (target !== undefined || !(scenarios?.includes('codec') ?? true)) return [];
  try {
    // A quick run has a minute for everything.
    return measureCodecCosts(placement.server, quick ? Math.min(2, rounds) : rounds);
  } catch (error) {
    console.log(`codecs alone: not measured: ${error instanceof Error ? error.message : String(error)}`);
    return [];
  }
}

/** Only in a full run that started its own processes. */
async function measureBothFreshness(
  options: BenchOptions,
  placement: Placement,
  stop: AbortSignal,
): Promise<Freshness[]> {
  if (options.quick || options.target !== undefined || !(options.scenarios?.includes('freshness') ?? true)) return [];
  const measured: Freshness[] = [];
  for (const path of ['http', 'grpc'] as const) {
    if (stop.aborted) break;
    try {
      const found = await measureFreshness(path, { samples: 30, backgroundRate: 1000, placement });
      measured.push(found);
      console.log(`freshness over ${path}: counted p50 ${amount(found.countedMs.p50)} ms`);
    } catch (error) {
      console.log(`freshness over ${path}: not measured: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return measured;
}

function chooseVariants(options: BenchOptions): Variant[] {
  const variants = options.quick ? quickVariants() : allVariants();
  const chosen = variants.filter(({ scenario }) => options.scenarios?.includes(scenario) ?? true);
  const wanted = variants.filter(
    ({ id, scenario, rung, load }) =>
      // A load that follows another variant's throughput needs that variant.
      ((options.scenarios?.includes(scenario) ?? true) ||
        chosen.some((one) => 'of' in one.load && one.load.of === id)) &&
      // Of a remote target neither rungs nor another runtime can be started.
      (options.target === undefined || (rung === 'edge' && !('of' in load))),
  );
  return options.target === undefined
    ? wanted
    : wanted.filter(
        ({ runtime, codec, transport }) =>
          runtime === 'node' && codec === (transport.startsWith('http') ? 'wasm' : 'typescript'),
      );
}

/** The first Ctrl-C ends the run in order; a second one ends the process. */
function stopOnSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      console.log('Stopping; the report holds what was measured.');
      controller.abort();
      // The current measurement is lost either way.
      killChildren();
    });
  }
  return controller.signal;
}

function settingsOf(options: BenchOptions, outcome: BenchOutcome): BenchSettings {
  const { interrupted, cutShort, laterMeasureMs } = outcome;
  const { rounds, warmupMs, measureMs, quick, cpuPrice, votesPerSecond } = options;
  const driver = 'own' as const;
  const target = options.target ?? null;
  const asked = { rounds, warmupMs, measureMs, laterMeasureMs, quick, driver, target, cpuPrice, votesPerSecond };
  return { ...asked, interrupted, cutShort };
}

function printReport(report: Report, folder: string) {
  console.log(`\n${rowTable(report.rows)}\n`);
  for (const { text } of report.verdict) console.log(`* ${text}`);
  if (!report.valid)
    console.log(`\nThis run is INVALID:\n${report.invalid.map((reason) => `  - ${reason}`).join('\n')}`);
  console.log(`\n${folder}/report.html  report.json  report.md`);
}
