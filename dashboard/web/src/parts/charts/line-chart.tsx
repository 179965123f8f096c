import { formatClock, formatRate } from '../../data/format.ts';
import { ScrollRegion } from '../shell/scroll-region.tsx';
import type { LineChartSeries } from './line-chart-series.ts';
import { LinePlot } from './line-plot.tsx';

/** Line styles, so that lines differ by more than color. */
const STYLES = ['solid', 'dashed', 'dotted'];

export interface LineChartProps {
  readonly title: string;
  readonly unit: string;
  readonly series: readonly LineChartSeries[];
}

/** Values over time, as lines and as a table. */
export function LineChart({ title, unit, series }: LineChartProps) {
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
                style={{ '--line-colour': `var(${colour})`, '--line-style': STYLES[index % STYLES.length] }}
              >
                <bdi>{label}</bdi>
              </span>
            ))}
          </span>
        )}
      </figcaption>
      <LinePlot label={`${title}. ${summary}. The table below has the values.`} unit={unit} series={series} />
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

/** The latest first; long series are thinned out. */
function tableRows(series: readonly LineChartSeries[]): [number, (number | undefined)[]][] {
  const times = [...new Set(series.flatMap(({ points }) => points.map(([time]) => time)))].sort((a, b) => b - a);
  const step = Math.max(1, Math.ceil(times.length / 30));
  return times
    .filter((_, index) => index % step === 0)
    .map((time) => [time, series.map(({ points }) => points.find(([at]) => at === time)?.[1])]);
}
