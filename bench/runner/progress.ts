import { amount } from '../report/output/format.ts';
import { median } from '../statistics/median.ts';
import { cpuPerMillion } from './measurement.ts';
import type { Progress } from './run-cells.ts';

/** Prints a line per block with the remaining time. */
export function progressPrinter(print: (line: string) => void): (progress: Progress) => void {
  return ({ place, leftMs, name, measurements, failures }) => {
    const where = place
      ? `pass ${place.pass + 1}/${place.passes}, block ${place.block + 1}/${place.blocks}`
      : 'further pass';
    print(`[${where}, ${duration(leftMs)} left] ${name}`);
    for (const [cell, alike = []] of Object.entries(Object.groupBy(measurements, (one) => one.cell))) {
      const cpu = amount(median(alike.map((one) => cpuPerMillion(one, 'server'))));
      const invalid = [...new Set(alike.flatMap((one) => one.invalid))];
      print(`    ${cell}: ${cpu} CPU-s per million${invalid.length > 0 ? `  INVALID: ${invalid.join('; ')}` : ''}`);
    }
    for (const { cell, error } of failures) print(`    ${cell}: not measured: ${error.split('\n')[0]}`);
  };
}

function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  return seconds < 90 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
