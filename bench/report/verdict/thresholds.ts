import { amount } from '../format.ts';
import type { Report, Row } from '../report.ts';

/**
 * What a thresholds file holds: limits by row id; `*` stands for any text in an id. Each limit is optional.
 *
 *     { "node-http1-wasm-single-*": { "maxCpuSecondsPerMillion": 30, "minThroughput": 20000, "maxP99Ms": 50 } }
 */
export type Thresholds = Readonly<Record<string, Limits>>;

interface Limits {
  readonly maxCpuSecondsPerMillion?: number;
  readonly minThroughput?: number;
  readonly maxP99Ms?: number;
}

const KNOWN = ['maxCpuSecondsPerMillion', 'minThroughput', 'maxP99Ms'];

/** Reads the text of a thresholds file; a string says what is wrong with it. */
export function readThresholds(text: string): Thresholds | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    // The file is the caller's own: what is wrong with it is the answer.
    return error instanceof Error ? error.message : String(error);
  }
  if (typeof value !== 'object' || value === null) return 'the file must hold an object of row ids';
  for (const [id, limits] of Object.entries(value)) {
    if (typeof limits !== 'object' || limits === null) return `${id}: its limits must be an object`;
    for (const [name, limit] of Object.entries(limits as Record<string, unknown>)) {
      if (!KNOWN.includes(name)) return `${id}: ${name} is not one of ${KNOWN.join(', ')}`;
      if (typeof limit !== 'number') return `${id}: ${name} must be a number`;
    }
  }
  return value as Thresholds;
}

/**
 * Every limit that is passed, in words. A row passes a limit only with its whole interval: noise alone must not fail a
 * build. A pattern that fits no row, and a row that is invalid, pass every limit.
 */
export function passedThresholds(report: Report, thresholds: Thresholds): string[] {
  return Object.entries(thresholds).flatMap(([pattern, limits]) => {
    const fits = new RegExp(`^${pattern.split('*').map(escapePattern).join('.*')}$`);
    const rows = report.rows.filter(({ id }) => fits.test(id));
    return rows.length === 0 ? [`${pattern}: no such row was measured`] : rows.flatMap((row) => passed(row, limits));
  });
}

function passed(row: Row, limits: Limits): string[] {
  if (!row.valid) return [`${row.id} is invalid`];
  const reasons: string[] = [];
  const above = (value: number | undefined, limit: number | undefined, name: string) => {
    if (limit === undefined) return;
    if (value === undefined) reasons.push(`${row.id}: ${name} was not measured`);
    else if (value > limit) reasons.push(`${row.id}: ${name} ${amount(value)}, allowed ${limit}`);
  };
  above(row.cpuSecondsPerMillion?.low, limits.maxCpuSecondsPerMillion, 'CPU-s per million');
  above(row.p99Ms?.low, limits.maxP99Ms, 'p99 ms');
  if (limits.minThroughput !== undefined && row.throughputInterval.high < limits.minThroughput) {
    reasons.push(`${row.id}: ${amount(row.throughputInterval.high)} votes/s, required ${limits.minThroughput}`);
  }
  return reasons;
}

function escapePattern(text: string): string {
  return text.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&');
}
