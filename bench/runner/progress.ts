import { amount } from '../report/format.ts';
import { cpuPerMillion, throughput } from './measurement.ts';
import type { Progress } from './run-bench.ts';

/** Prints a line a measurement, with the time that is left. */
export function progressPrinter(print: (line: string) => void): (progress: Progress) => void {
  const startedAt = performance.now();
  return ({ done, of, round, variant, outcome }) => {
    const elapsed = performance.now() - startedAt;
    const left = duration(((of - done) * elapsed) / done);
    const place = `[${`${done}`.padStart(`${of}`.length)}/${of}, ${left} left] round ${round + 1}`;
    if ('error' in outcome) {
      print(`${place}  ${variant.id}: not measured: ${outcome.error.split('\n')[0]}`);
      return;
    }
    const cpu = amount(cpuPerMillion(outcome, 'server'));
    const rate = Math.round(throughput(outcome)).toLocaleString('en');
    const fault = outcome.invalid.length > 0 ? `  INVALID: ${outcome.invalid.join('; ')}` : '';
    print(`${place}  ${variant.id}: ${cpu} CPU-s per million, ${rate} votes/s${fault}`);
  };
}

function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 90 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
