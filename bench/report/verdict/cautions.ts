import { GENERATOR_FAULT } from '../../runner/measurement.ts';
import { median } from '../../statistics/median.ts';
import { effectsOf, halfWidth } from '../effects.ts';
import { percent } from '../output/format.ts';
import type { BenchSettings, Report, Row, VerdictLine } from '../report.ts';
import { WANTED_HALF_WIDTH } from '../uncertain-blocks.ts';

/** A saturated server uses its whole core unless something else delays it. */
const ENOUGH_CPU = 0.8;
/** Intervals of ratios that are wider than this in either direction allow no verdict. */
const WIDEST_INTERVAL = 0.15;

/**
 * True if other load on the machine makes a verdict impossible: the intervals of the paths are too wide; or, in a quick
 * run, too few windows fit in the time, or only the load generator fell behind.
 */
export function isTooBusy({ rows, settings, invalid }: Pick<Report, 'rows' | 'settings' | 'invalid'>): boolean {
  const paths = effectsOf(rows).filter(({ factor }) => factor === 'path');
  const widths = paths.map(({ ratio }) => Math.sqrt(ratio.high / ratio.low) - 1);
  if (widths.length > 0 && median(widths) > WIDEST_INTERVAL) return true;
  const late = invalid.length > 0 && invalid.every((reason) => reason.includes(GENERATOR_FAULT));
  return settings.quick && (widths.length === 0 || late);
}

/** The limitations of this run's verdict. */
export function cautions(rows: readonly Row[], settings: BenchSettings): VerdictLine[] {
  const effects = effectsOf(rows);
  const wide = effects.filter(({ ratio }) => halfWidth(ratio) > WANTED_HALF_WIDTH);
  const waiting = rows.filter(
    ({ rung, load, serverCpuShare: share }) =>
      rung.startsWith('edge') && load === 'closed' && share !== null && share < ENOUGH_CPU,
  );
  const invalid = rows.filter(({ valid }) => !valid);
  const lines: [applies: boolean, text: string, rows: readonly Row[]][] = [
    [
      settings.quick,
      'A quick run: one start of the processes, so its intervals hold for these processes alone. The full run restarts them in each pass.',
      [],
    ],
    [
      wide.length > 0,
      `${wide.length} of ${effects.length} intervals reach further than ${percent(WANTED_HALF_WIDTH)} of the dearer side.`,
      [],
    ],
    [settings.interrupted, 'The run was interrupted.', []],
    [
      waiting.length > 0,
      `In ${waiting.length} rows the saturated server used less than ${percent(ENOUGH_CPU)} of its core: the driver, Redis and the consumer held it up. Votes/s then describe the machine, and a server that waits now and then costs more CPU per vote than a busy one.`,
      waiting,
    ],
    [
      invalid.length > 0,
      `${invalid.length} of ${rows.length} rows are invalid and take no part in the verdict.`,
      invalid,
    ],
  ];
  return lines.flatMap(([applies, text, about]) =>
    applies ? [{ kind: 'caution', text, rows: about.map(({ id }) => id) }] : [],
  );
}
