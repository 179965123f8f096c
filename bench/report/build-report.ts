import type { BenchOutcome } from '../runner/run-bench.ts';
import type { Variant } from '../runner/variant.ts';
import type { Environment } from './environment.ts';
import { type BenchSettings, type CodecCost, type Freshness, REPORT_VERSION, type Report, type Row } from './report.ts';
import { summarize } from './rows.ts';
import { reachVerdict } from './verdict/verdict.ts';

export interface ReportInput {
  readonly createdAt: Date;
  readonly variants: readonly Variant[];
  readonly outcome: BenchOutcome;
  readonly freshness: readonly Freshness[];
  readonly codecs: readonly CodecCost[];
  readonly settings: BenchSettings;
  readonly environment: Environment;
}

/** Puts a report together. It is valid only where every variant was measured and every measurement holds. */
export function buildReport(input: ReportInput): Report {
  const { outcome, settings, environment, freshness, codecs } = input;
  const rows = input.variants.flatMap((variant) => summarize(variant, outcome.measurements) ?? []);
  const invalid = [
    ...outcome.failures.map(({ variant, round, error }) => `${variant}, round ${round + 1}: not measured: ${error}`),
    ...unmeasured(input, rows),
    ...rows.flatMap((row) => row.invalid.map((reason) => `${row.id}, ${reason}`)),
    ...(rows.length + freshness.length + codecs.length === 0 ? ['nothing was measured'] : []),
  ];
  return {
    version: REPORT_VERSION,
    createdAt: input.createdAt.toISOString(),
    valid: invalid.length === 0,
    invalid,
    settings,
    environment,
    rows,
    freshness,
    codecs,
    repeated: outcome.repeated.map(({ variant, round, invalid: reasons }) => ({ variant, round, reasons })),
    yardstickMs: outcome.yardstickMs,
    verdict: reachVerdict(rows, settings),
  };
}

/** Variants that the run did not come to before it was stopped or its time was over. */
function unmeasured({ variants, outcome }: ReportInput, rows: readonly Row[]): string[] {
  const known = new Set([...rows.map(({ id }) => id), ...outcome.failures.map(({ variant }) => variant)]);
  const left = variants.filter(({ id }) => !known.has(id));
  if (left.length === 0) return [];
  const why = outcome.interrupted ? 'the run was stopped before' : 'the time was over before';
  return [`${left.length} of ${variants.length} variants were not measured: ${why}`];
}
