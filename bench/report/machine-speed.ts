import { median } from '../statistics/median.ts';
import { amount } from './format.ts';
import type { Report, Row } from './report.ts';

/** How the machine of one run stands to that of another. */
export interface MachineSpeed {
  /** CPU time in the second run for the same work, as a multiple of the first; 1 where no difference shows. */
  readonly slowdown: number;
  /** What a reader is told; empty where there is nothing to tell. */
  readonly warnings: readonly string[];
}

/** Below this nothing is compared either. */
const SMALLEST = 1.05;

/**
 * On a shared machine the same code costs several times as much on another day. The ladder's servers that hold nothing of
 * Votewire were measured in both runs, between everything else: they are the control. Without them a run tells its
 * machine's speed by a fixed piece of work alone, which is enough for a warning and not for a correction.
 */
export function compareMachines(before: Report, after: Report): MachineSpeed {
  const ratios = before.rows.filter(isControl).flatMap((row) => {
    const other = after.rows.find(({ id, valid }) => id === row.id && valid)?.cpuSecondsPerMillion;
    return row.cpuSecondsPerMillion && other ? [other.median / row.cpuSecondsPerMillion.median] : [];
  });
  if (ratios.length < 2) return byCalibration(before, after);
  const slowdown = Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
  if (Math.max(slowdown, 1 / slowdown) < SMALLEST) return { slowdown: 1, warnings: [] };
  const text = `${slower(slowdown)}, by ${ratios.length} servers that hold nothing of Votewire; the second run's CPU and votes/s are given as if it had been as fast as in the first`;
  return { slowdown, warnings: [text] };
}

function isControl({ rung, valid }: Row): boolean {
  return valid && (rung === 'bare' || rung === 'framework');
}

function byCalibration(before: Report, after: Report): MachineSpeed {
  const ratio = median(after.yardstickMs) / median(before.yardstickMs);
  const differs = Math.max(ratio, 1 / ratio) >= SMALLEST;
  return { slowdown: 1, warnings: differs ? [`${slower(ratio)}, by a fixed piece of work`] : [] };
}

function slower(ratio: number): string {
  const factor = amount(Math.max(ratio, 1 / ratio));
  return `the machine was ${factor} times slower in the ${ratio > 1 ? 'second' : 'first'} run`;
}
