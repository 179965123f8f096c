import { geometricMean } from '../statistics/ratio.ts';
import { amount } from './output/format.ts';
import type { Report, Row } from './report.ts';

/** A smaller difference is noise. */
const SMALLEST = 1.05;

/**
 * The CPU time of the second run for the same work as a multiple of the first, by the baseline servers: they hold no code
 * of Votewire and are measured between everything else. 1 if no difference shows or a run has too few of them.
 */
export function slowdownBetween(before: Report, after: Report): number {
  const ratios = before.rows.filter(isControl).flatMap((row) => {
    const other = after.rows.find(({ id, valid }) => id === row.id && valid)?.cpuSecondsPerMillion;
    return row.cpuSecondsPerMillion && other ? [other.median / row.cpuSecondsPerMillion.median] : [];
  });
  const slowdown = ratios.length < 2 ? 1 : geometricMean(ratios);
  return Math.max(slowdown, 1 / slowdown) < SMALLEST ? 1 : slowdown;
}

/** Empty for a ratio near 1. */
export function slowdownText(ratio: number, by: string): string[] {
  if (!Number.isFinite(ratio)) return [];
  if (Math.max(ratio, 1 / ratio) < SMALLEST) return [];
  const factor = amount(Math.max(ratio, 1 / ratio));
  return [`the machine was ${factor} times slower in the ${ratio > 1 ? 'second' : 'first'} run, by ${by}`];
}

function isControl({ rung, valid }: Row): boolean {
  return valid && ['socket', 'framework', 'bare'].includes(rung);
}
