import { Gauge, type Registry } from 'prom-client';
import type { Results } from '../../../store/tally/results.ts';

/** Options of a contest with their own series; the votes of the others are summed as `other`. */
const MAX_OPTIONS = 50;

/** Counts by contest and option. Returns a function that replaces the exposed contests. */
export function createContestMetrics(registry: Registry): (contests: readonly Results[]) => void {
  const gauge = (name: string, help: string, labelNames: string[]) =>
    new Gauge({ name, help, labelNames, registers: [registry] });
  const votes = gauge('votewire_contest_votes', 'Counted votes by option, of contests whose results are public.', [
    'contest',
    'option',
  ]);
  const voters = gauge('votewire_contest_voters', 'Distinct voters; in an open contest, votes.', ['contest']);
  const open = gauge('votewire_contest_open', '1 while the contest takes votes.', ['contest']);
  return (contests) => {
    for (const metric of [votes, voters, open]) metric.reset();
    for (const { contest, status, options, voters: count } of contests) {
      const sorted = options.toSorted((a, b) => b.count - a.count);
      for (const [at, option] of sorted.entries()) {
        votes.inc({ contest, option: at < MAX_OPTIONS ? option.id : 'other' }, option.count);
      }
      voters.set({ contest }, count);
      open.set({ contest }, status === 'open' ? 1 : 0);
    }
  };
}
