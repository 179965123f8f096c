import { join } from 'node:path';
import { allBlocks, type Block, quickBlocks } from '../cells/blocks.ts';
import { measureCodecCosts } from '../micro/codec-costs.ts';
import { buildReport } from '../report/build-report.ts';
import { readEnvironment } from '../report/environment.ts';
import { amount } from '../report/output/format.ts';
import { injectHeadline, unfitForInjection } from '../report/output/inject.ts';
import { rowTable } from '../report/output/markdown.ts';
import { writeReport } from '../report/output/write-report.ts';
import type { BenchSettings, CodecCost, Freshness, Report } from '../report/report.ts';
import { measureFreshness } from '../runner/freshness.ts';
import { progressPrinter } from '../runner/progress.ts';
import { type BenchOutcome, runCells } from '../runner/run-cells.ts';
import { killChildren } from '../targets/process/child.ts';
import { choosePlacement, type Placement } from '../targets/process/placement.ts';
import { ROOT } from '../targets/process/runtimes.ts';
import { startSystem } from '../targets/start-system.ts';
import { installedBlocks } from './installed-cells.ts';
import type { BenchOptions } from './options.ts';

/** A quick run ends within a minute; the audit of its streams and the report come after this time. */
const QUICK_MS = 40_000;
/** The passes of a full run end by then; codecs, freshness and the report take up to two minutes more. */
const FULL_MS = 22.5 * 60_000;

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
  const blocks = installedBlocks(wanted, console.log);
  const cells = blocks.flatMap((block) => block.cells);
  console.log(
    `${cells.length} cells in ${blocks.length} blocks. Ctrl-C ends the run and keeps what is measured by then.`,
  );
  const outcome = await runCells({
    blocks,
    passes: options.passes,
    windows: options.windows,
    warmupMs: options.warmupMs,
    measureMs: options.measureMs,
    placement,
    together: options.quick,
    ...(options.ownLength ? {} : { fitMs: options.quick ? QUICK_MS : FULL_MS }),
    startSystem,
    signal: stop,
    onBlock: progressPrinter(console.log),
  });
  const whole = options.blocks === undefined && !options.quick && !stop.aborted;
  const codecs = whole ? measureCodecs(placement) : [];
  const freshness = whole ? await measureBothFreshness(placement, stop) : [];
  return buildReport({
    createdAt,
    cells,
    outcome,
    freshness,
    codecs,
    settings: settingsOf(options, outcome),
    environment,
  });
}

const CODEC_PROCESSES = 5;

/** A failure is printed and left out: the rows, which took most of the time, are kept. */
function measureCodecs({ server }: Placement): CodecCost[] {
  try {
    return measureCodecCosts(server, CODEC_PROCESSES);
  } catch (error) {
    console.log(`codecs alone: not measured: ${error instanceof Error ? error.message : String(error)}`);
    return [];
  }
}

async function measureBothFreshness(placement: Placement, stop: AbortSignal): Promise<Freshness[]> {
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

/** Prints the reason and returns false if the report is not fit for the README. */
async function inject(report: Report): Promise<boolean> {
  const unfit = unfitForInjection(report);
  if (unfit === undefined) await injectHeadline(report, join(ROOT, 'README.md'));
  else console.error(`--inject: ${unfit}`);
  return unfit === undefined;
}

/** The first Ctrl-C ends the run in order; a second one ends the process. */
function stopOnSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      console.log('Stopping; the report holds what is measured by now.');
      controller.abort();
      // The current measurement is lost either way.
      killChildren();
    });
  }
  return controller.signal;
}

function settingsOf(options: BenchOptions, { interrupted, cutShort }: BenchOutcome): BenchSettings {
  const { passes, windows, warmupMs, measureMs, quick, cpuPrice, votesPerSecond } = options;
  const length = { rounds: passes, windows, warmupMs, measureMs, laterMeasureMs: measureMs };
  return { ...length, quick, interrupted, cutShort, driver: 'own', target: null, cpuPrice, votesPerSecond };
}

export function printReport(report: Report, folder: string) {
  console.log(`\n${rowTable(report.rows)}\n`);
  for (const { text } of report.verdict) console.log(`* ${text}`);
  if (!report.valid)
    console.log(`\nThis run is INVALID:\n${report.invalid.map((reason) => `  - ${reason}`).join('\n')}`);
  console.log(`\n${folder}/report.html  report.json  report.md`);
}
