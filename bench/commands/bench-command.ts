import { allBlocks, type Block, quickBlocks } from '../cells/blocks.ts';
import { measureCodecCosts } from '../micro/codec-costs.ts';
import { measureLimits } from '../micro/limit-costs.ts';
import { buildReport } from '../report/build-report.ts';
import { readEnvironment } from '../report/environment.ts';
import { amount } from '../report/output/format.ts';
import { unfitForInjection } from '../report/output/inject.ts';
import { toTable } from '../report/output/markdown.ts';
import { publishReport } from '../report/output/publish.ts';
import { briefTable } from '../report/output/tables.ts';
import { writeReport } from '../report/output/write-report.ts';
import type { BenchSettings, CodecCost, Freshness, LimitCost, Report } from '../report/report.ts';
import { uncertainBlocks } from '../report/uncertain-blocks.ts';
import { measureFreshness } from '../runner/freshness.ts';
import { progressPrinter } from '../runner/progress.ts';
import { type BenchOutcome, runCells } from '../runner/run-cells.ts';
import { killChildren } from '../targets/process/child.ts';
import { choosePlacement, type Placement } from '../targets/process/placement.ts';
import { startSystem } from '../targets/start-system.ts';
import { installedBlocks } from './installed-cells.ts';
import type { BenchOptions } from './options.ts';

/** A quick run takes less than a minute: after this time only the audit and the report follow. */
const QUICK_MS = 40_000;
/** Time limit for the passes of a full run; codecs, freshness and the report take up to two more minutes. */
const FULL_MS = 17 * 60_000;

/** Rounds of the measurements besides the cells. */
const ROUNDS_ALONE = 5;

/** The exit codes of a run. */
export const EXIT = { valid: 0, invalid: 1, wrongArguments: 2, tooBusy: 3 } as const;

/** Measures, writes the report and prints its verdict; returns the exit code. */
export async function benchCommand(options: BenchOptions): Promise<number> {
  const known = options.quick ? quickBlocks() : allBlocks();
  const report = await measureReport(
    options,
    known.filter(({ name }) => options.blocks?.includes(name) ?? true),
  );
  printReport(report, await writeReport(report, options.output));
  const injected = !options.inject || (await inject(report));
  if (report.busy) return EXIT.tooBusy;
  return report.valid && injected ? EXIT.valid : EXIT.invalid;
}

/** Measures the blocks that this machine can run. */
export async function measureReport(options: BenchOptions, wanted: readonly Block[]): Promise<Report> {
  const placement = choosePlacement();
  const environment = readEnvironment(placement);
  const createdAt = new Date();
  const stop = stopOnSignal();
  const { passes, windows } = options;
  const blocks = installedBlocks(wanted, console.log).map((block) => ({
    ...block,
    passes: passes ?? block.passes,
    windows: windows ?? block.windows,
  }));
  const cells = blocks.flatMap((block) => block.cells);
  console.log(
    `${cells.length} cells in ${blocks.length} blocks. Ctrl-C ends the run and keeps what is measured by then.`,
  );
  const outcome = await runCells({
    blocks,
    warmupMs: options.warmupMs,
    measureMs: options.measureMs,
    placement,
    together: options.quick,
    ...(options.quick ? { fitMs: QUICK_MS } : {}),
    ...(options.adaptive ? { fitMs: FULL_MS, needMore: (outcome) => uncertainBlocks(blocks, outcome) } : {}),
    startSystem,
    signal: stop,
    onBlock: progressPrinter(console.log),
  });
  const whole = options.blocks === undefined && !options.quick && !stop.aborted;
  const codecs: CodecCost[] = [];
  const limits: LimitCost[] = [];
  const freshness: Freshness[] = [];
  if (whole) {
    codecs.push(...(await tryToMeasure('codecs alone', () => measureCodecCosts(placement.server, ROUNDS_ALONE))));
    limits.push(...(await tryToMeasure('copies and XADD', () => measureLimits(placement, ROUNDS_ALONE))));
    for (const path of ['http', 'grpc'] as const) {
      if (stop.aborted) break;
      freshness.push(
        ...(await tryToMeasure(`freshness over ${path}`, async () => [await measureFreshnessOver(path, placement)])),
      );
    }
  }
  return buildReport({
    createdAt,
    cells,
    outcome,
    freshness,
    codecs,
    limits,
    settings: settingsOf(options, blocks, outcome),
    environment,
  });
}

/** On a failure, prints it and returns no measurements, so that the rows, which took most of the time, are kept. */
async function tryToMeasure<T>(what: string, measure: () => T[] | Promise<T[]>): Promise<T[]> {
  try {
    return await measure();
  } catch (error) {
    console.log(`${what}: not measured: ${error instanceof Error ? error.message : String(error)}`);
    return [];
  }
}

async function measureFreshnessOver(path: Freshness['path'], placement: Placement): Promise<Freshness> {
  const measured = await measureFreshness(path, { samples: 30, backgroundRate: 1000, placement });
  console.log(`freshness over ${path}: counted p50 ${amount(measured.countedMs.p50)} ms`);
  return measured;
}

/** Publishes the report; prints the reason and returns false if it must not be published. */
async function inject(report: Report): Promise<boolean> {
  const unfit = unfitForInjection(report);
  if (unfit === undefined) await publishReport(report);
  else console.error(`--inject: ${unfit}`);
  return unfit === undefined;
}

/** The first Ctrl-C ends the run cleanly; a second one ends the process. */
function stopOnSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      console.log('Stopping; the report will contain what has been measured so far.');
      controller.abort();
      // The current measurement is lost either way.
      killChildren();
    });
  }
  return controller.signal;
}

function settingsOf(
  options: BenchOptions,
  blocks: readonly Block[],
  { interrupted, cutShort }: BenchOutcome,
): BenchSettings {
  const [passes, windows] = (['passes', 'windows'] as const).map((name) => Math.max(...blocks.map((one) => one[name])));
  const { warmupMs, measureMs, quick, cpuPrice } = options;
  const length = { rounds: passes ?? 0, windows: windows ?? 0, warmupMs, measureMs };
  return { ...length, quick, interrupted, cutShort, cpuPrice };
}

export function printReport(report: Report, folder: string) {
  console.log(`\n${toTable(briefTable(report.rows))}\n`);
  for (const { text } of report.verdict) console.log(`* ${text}`);
  if (!report.valid)
    console.log(`\nThis run is INVALID:\n${report.invalid.map((reason) => `  - ${reason}`).join('\n')}`);
  console.log(`\n${folder}/report.html  report.json  report.md`);
}
