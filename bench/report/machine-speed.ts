import { median } from '../statistics/median.ts';
import { amount } from './format.ts';
import type { Report, Row } from './report.ts';

/** How fast the machine was in one run compared with another. */
export interface MachineSpeed {
  /** CPU time in the second run for the same work, as a multiple of the first; 1 where no difference shows. */
  readonly slowdown: number;
  /** Empty if the speeds do not differ. */
  readonly warnings: readonly string[];
}

/** A smaller difference is noise. */
const SMALLEST = 1.05;

/**
 * On a shared machine the same code costs several times as much on another day. The baseline servers hold no code of
 * Votewire and are measured in both runs, between everything else: they are the control. Without them only the
 * calibration tells the speed of the machine, which is enough for a warning and not for a correction.
 */
export function compareMachines(before: Report, after: Report): MachineSpeed {
  const ratios = before.rows.filter(isControl).flatMap((row) => {
    const other = after.rows.find(({ id, valid }) => id === row.id && valid)?.cpuSecondsPerMillion;
    return row.cpuSecondsPerMillion && other ? [other.median / row.cpuSecondsPerMillion.median] : [];
  });
  if (ratios.length < 2) return byCalibration(before, after);
  const slowdown = Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
  if (Math.max(slowdown, 1 / slowdown) < SMALLEST) return { slowdown: 1, warnings: [] };
  const text = `${slower(slowdown)}, by ${ratios.length} baseline servers; the second run's CPU and votes/s are corrected by it`;
  return { slowdown, warnings: [text] };
}

function isControl({ rung, codec, valid }: Row): boolean {
  return valid && (rung === 'socket' || rung === 'framework' || (rung === 'bare' && codec === 'none'));
}

function byCalibration(before: Report, after: Report): MachineSpeed {
  const ratio = median(after.yardstickMs) / median(before.yardstickMs);
  const differs = Math.max(ratio, 1 / ratio) >= SMALLEST;
  return { slowdown: 1, warnings: differs ? [`${slower(ratio)}, by the calibration`] : [] };
}

function slower(ratio: number): string {
  const factor = amount(Math.max(ratio, 1 / ratio));
  return `the machine was ${factor} times slower in the ${ratio > 1 ? 'second' : 'first'} run`;
}
