import type { Cell } from '../cells/cell.ts';
import { GENERATOR_FAULT } from '../runner/measurement.ts';
import type { BenchOutcome } from '../runner/run-cells.ts';
import { median } from '../statistics/median.ts';
import { effectsOf } from './effects.ts';
import type { Environment } from './environment.ts';
import {
  type BenchSettings,
  type CodecCost,
  type Freshness,
  type LimitCost,
  REPORT_VERSION,
  type Report,
  type Row,
} from './report.ts';
import { summarize } from './rows.ts';
import { isTooBusy } from './verdict/cautions.ts';
import { reachVerdict } from './verdict/verdict.ts';

export interface ReportInput {
  readonly createdAt: Date;
  readonly cells: readonly Cell[];
  readonly outcome: BenchOutcome;
  readonly freshness: readonly Freshness[];
  readonly codecs: readonly CodecCost[];
  readonly limits: readonly LimitCost[];
  readonly settings: BenchSettings;
  readonly environment: Environment;
}

/** Builds a report. It is valid only if every cell was measured and every measurement is valid. */
export function buildReport(input: ReportInput): Report {
  const { outcome, settings, environment, freshness, codecs, limits } = input;
  const rows = input.cells.flatMap((cell) => summarize(cell, outcome) ?? []);
  const invalid = [
    ...outcome.failures.map(({ cell, pass, error }) => `${cell}, pass ${pass + 1}: not measured: ${error}`),
    ...unmeasured(input, rows),
    ...rows.flatMap((row) => row.invalid.map((reason) => `${row.id}, ${reason}`)),
    ...(rows.length === 0 ? ['nothing was measured'] : []),
  ];
  const passes = Object.values(Object.groupBy(outcome.measurements, ({ pass }) => pass));
  const { repeated } = outcome;
  return conclude({
    version: REPORT_VERSION,
    createdAt: input.createdAt.toISOString(),
    valid: invalid.length === 0,
    busy: false,
    invalid,
    settings,
    environment,
    rows,
    effects: [],
    freshness,
    codecs,
    limits,
    repeated: repeated.map(({ cell, pass, invalid: reasons }) => ({ variant: cell, round: pass, reasons })),
    yardstickMs: passes.map((alike = []) => median(alike.map(({ calibrationMs }) => calibrationMs))),
    verdict: [],
  });
}

/** Derives effects and verdict from the rows. */
export function conclude(report: Report): Report {
  const { rows, settings } = report;
  const busy = isTooBusy(report);
  const effects = effectsOf(rows);
  if (!busy) return { ...report, busy, effects, verdict: reachVerdict(rows, settings) };
  const text = 'This machine was too busy for a verdict: its windows differ too much, or too few fit. Run it again.';
  return { ...report, busy, effects, verdict: [{ kind: 'caution', text, rows: [] }] };
}

function unmeasured({ cells, outcome }: ReportInput, rows: readonly Row[]): string[] {
  const known = new Set([...rows.map(({ id }) => id), ...outcome.failures.map(({ cell }) => cell)]);
  const left = cells.filter(({ id }) => !known.has(id));
  if (left.length === 0) return [];
  const late = left.every(({ id }) => outcome.repeated.some(({ cell }) => cell === id));
  const why = outcome.interrupted
    ? 'the run was interrupted'
    : late
      ? `${GENERATOR_FAULT} fell behind in every window`
      : 'the time was over';
  return [`${left.length} of ${cells.length} cells were not measured: ${why}`];
}
