import { useMemo } from 'preact/hooks';
import type { ContestView } from '../../../../api/contests.ts';
import type { OptionHistoryView } from '../../../../api/results.ts';
import { usePoll } from '../../data/use-poll.ts';
import { LineChart } from '../charts/line-chart.tsx';

const EVERY_MS = 5000;
/** Distinguishable line colors. */
const LINES = ['--accent', '--wire-grpc', '--wire-http', '--bad', '--good', '--wire-connect'];

/** The counts of the leading options over the last day, as recorded by the dashboard's server. */
export function VotesOverTime({ contest }: { contest: ContestView }) {
  const { value } = usePoll<OptionHistoryView>(`/api/contests/${contest.id}/option-history`, EVERY_MS);
  const series = useMemo(() => {
    const last = value?.points.at(-1) ?? [];
    return (value?.options ?? [])
      .map((id, index) => ({ id, column: index + 1, count: last[index + 1] ?? 0 }))
      .toSorted((a, b) => b.count - a.count)
      .slice(0, LINES.length)
      .map(({ id, column }, index) => ({
        label: contest.options.find((option) => option.id === id)?.label ?? id,
        colour: LINES[index] ?? '--accent',
        points: (value?.points ?? []).map((point) => [point[0] ?? 0, point[column] ?? 0] as const),
      }));
  }, [value, contest.options]);
  return <LineChart title="Votes over time" unit="votes" series={series} />;
}
