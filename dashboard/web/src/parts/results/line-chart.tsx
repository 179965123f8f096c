import { Chart, Filler, LinearScale, LineController, LineElement, PointElement, Tooltip } from 'chart.js';
import { useEffect, useRef, useState } from 'preact/hooks';
import { formatClock, formatRate } from '../../data/format.ts';
import { ScrollRegion } from '../shell/scroll-region.tsx';

Chart.register(LineController, LineElement, PointElement, LinearScale, Filler, Tooltip);

/** A line that has only begun is not stretched over the whole width. */
const SHORTEST_MS = 60_000;

/** Lines differ by more than their colour. */
const STROKES = [
  { style: 'solid', dash: [] },
  { style: 'dashed', dash: [7, 4] },
  { style: 'dotted', dash: [2, 3] },
] as const;

function strokeOf(index: number): { readonly style: string; readonly dash: readonly number[] } {
  return STROKES[index % STROKES.length] ?? STROKES[0];
}

export interface LineChartSeries {
  readonly label: string;
  /** A custom property of the theme, as `--accent`. */
  readonly colour: string;
  /** `[milliseconds since 1970, value]`, oldest first. */
  readonly points: readonly (readonly [number, number])[];
}

export interface LineChartProps {
  readonly title: string;
  readonly unit: string;
  readonly series: readonly LineChartSeries[];
}

/** Values over time, and the same as a table. */
export function LineChart({ title, unit, series }: LineChartProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const chart = useRef<Chart<'line'> | undefined>(undefined);
  const [theme, setTheme] = useState(0);

  useEffect(() => {
    const redraw = () => setTheme((value) => value + 1);
    const system = matchMedia('(prefers-color-scheme: dark)');
    system.addEventListener('change', redraw);
    addEventListener('votewire-theme', redraw);
    return () => {
      system.removeEventListener('change', redraw);
      removeEventListener('votewire-theme', redraw);
    };
  }, []);

  useEffect(() => {
    if (canvas.current === null) return;
    chart.current = new Chart(canvas.current, chartOptions(unit));
    return () => chart.current?.destroy();
  }, [theme, unit]);

  useEffect(() => {
    if (chart.current === undefined) return;
    chart.current.data.datasets = series.map(({ label, colour, points }, index) => ({
      label,
      borderDash: [...strokeOf(index).dash],
      data: points.map(([x, y]) => ({ x, y })),
      borderColor: token(colour),
      // Tokens are written as #rrggbb.
      backgroundColor: `${token(colour)}1f`,
      fill: series.length === 1,
      borderWidth: 2,
      pointRadius: 0,
      pointHitRadius: 12,
      cubicInterpolationMode: 'monotone' as const,
    }));
    const times = series.flatMap(({ points }) => points.map(([time]) => time));
    const last = Math.max(...times, 0);
    const scale = chart.current.options.scales?.x;
    if (scale !== undefined && times.length > 0) {
      scale.max = last;
      scale.min = Math.min(last - SHORTEST_MS, ...times);
    }
    chart.current.update('none');
  }, [series, theme]);

  const rows = tableRows(series);
  const summary = series
    .map(
      ({ label, points }) =>
        `${label}: now ${formatRate(points.at(-1)?.[1] ?? 0)}, highest ${formatRate(Math.max(0, ...points.map(([, y]) => y)))} ${unit}`,
    )
    .join('; ');
  return (
    <figure class="chart">
      <figcaption>
        {title}
        {series.length > 1 && (
          <span class="legend">
            {series.map(({ label, colour }, index) => (
              <span
                key={label}
                class="legend-item"
                style={{ '--line-colour': `var(${colour})`, '--line-style': strokeOf(index).style }}
              >
                <bdi>{label}</bdi>
              </span>
            ))}
          </span>
        )}
      </figcaption>
      <div class="chart-box">
        <canvas ref={canvas} role="img" aria-label={`${title}. ${summary}. The table below has the values.`} />
      </div>
      <details>
        <summary>As a table</summary>
        <ScrollRegion label={`${title}, table`} short>
          <table>
            <thead>
              <tr>
                <th scope="col">Time</th>
                {series.map(({ label }) => (
                  <th key={label} scope="col" class="number">
                    {label} ({unit})
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map(([time, values]) => (
                <tr key={time}>
                  <td>{formatClock(time)}</td>
                  {values.map((value, index) => (
                    <td key={series[index]?.label} class="number">
                      {value === undefined ? '–' : formatRate(value)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollRegion>
      </details>
    </figure>
  );
}

/** The newest first; long series are thinned out. */
function tableRows(series: readonly LineChartSeries[]): [number, (number | undefined)[]][] {
  const times = [...new Set(series.flatMap(({ points }) => points.map(([time]) => time)))].sort((a, b) => b - a);
  const step = Math.max(1, Math.ceil(times.length / 30));
  return times
    .filter((_, index) => index % step === 0)
    .map((time) => [time, series.map(({ points }) => points.find(([at]) => at === time)?.[1])]);
}

function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function chartOptions(unit: string): ConstructorParameters<typeof Chart<'line'>>[1] {
  const font = { family: token('--font'), size: 12 };
  const tick = { color: token('--ink-2'), font, maxRotation: 0, autoSkipPadding: 24 };
  return {
    type: 'line',
    data: { datasets: [] },
    options: {
      animation: false,
      parsing: false,
      normalized: true,
      responsive: true,
      maintainAspectRatio: false,
      interaction: { mode: 'nearest', axis: 'x', intersect: false },
      scales: {
        x: {
          type: 'linear',
          grid: { display: false },
          border: { color: token('--line') },
          ticks: { ...tick, maxTicksLimit: 5, includeBounds: false, callback: (value) => formatClock(Number(value)) },
        },
        y: {
          beginAtZero: true,
          suggestedMax: 1,
          grid: { color: token('--line') },
          border: { display: false },
          ticks: { ...tick, maxTicksLimit: 5, callback: (value) => formatRate(Number(value)) },
        },
      },
      plugins: {
        tooltip: {
          displayColors: false,
          callbacks: {
            title: (items) => formatClock(items[0]?.parsed.x ?? 0),
            label: (item) => `${item.dataset.label}: ${formatRate(item.parsed.y ?? 0)} ${unit}`,
          },
        },
      },
    },
  };
}
