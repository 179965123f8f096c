import { useMemo } from 'preact/hooks';
import type { SystemSample } from '../../../../api/system-history.ts';
import { LineChart } from '../charts/line-chart.tsx';

interface Line {
  readonly label: string;
  readonly colour: string;
  readonly value: (sample: SystemSample) => number | null;
}

const CHARTS: readonly { readonly title: string; readonly unit: string; readonly lines: readonly Line[] }[] = [
  {
    title: 'Votes accepted per second',
    unit: 'votes/s',
    lines: [
      { label: 'HTTP', colour: '--wire-http', value: ({ http }) => http },
      { label: 'gRPC', colour: '--wire-grpc', value: ({ grpc }) => grpc },
      { label: 'Connect', colour: '--wire-connect', value: ({ connect }) => connect },
    ],
  },
  {
    title: 'Waiting entries',
    unit: 'entries',
    lines: [
      { label: 'To count', colour: '--accent', value: ({ toCount }) => toCount },
      { label: 'To log', colour: '--wire-grpc', value: ({ toLog }) => toLog },
    ],
  },
  {
    title: 'Age of the oldest waiting entry',
    unit: 's',
    lines: [
      { label: 'To count', colour: '--accent', value: ({ countDelayMs }) => seconds(countDelayMs) },
      { label: 'To log', colour: '--wire-grpc', value: ({ logDelayMs }) => seconds(logDelayMs) },
    ],
  },
  {
    title: 'Memory of Redis',
    unit: 'MB',
    lines: [
      {
        label: 'Used',
        colour: '--accent',
        value: ({ redisBytes }) => (redisBytes === null ? null : redisBytes / 2 ** 20),
      },
    ],
  },
];

/** The last hour, as recorded by the dashboard's server. Unknown values are gaps, not zeros. */
export function SystemCharts({ samples }: { samples: readonly SystemSample[] }) {
  const charts = useMemo(
    () =>
      CHARTS.map(({ lines, ...chart }) => ({
        ...chart,
        series: lines.map(({ value, ...line }) => ({
          ...line,
          points: samples.flatMap((sample) => {
            const y = value(sample);
            return y === null ? [] : [[sample.at, y] as const];
          }),
        })),
      })),
    [samples],
  );
  return (
    <div class="chart-grid">
      {charts.map((chart) => (
        <div class="card" key={chart.title}>
          <LineChart {...chart} />
        </div>
      ))}
    </div>
  );
}

function seconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1000;
}
