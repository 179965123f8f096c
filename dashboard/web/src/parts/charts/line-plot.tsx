import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { formatClock, formatRate } from '../../data/format.ts';
import type { LineChartSeries } from './line-chart-series.ts';

/** Minimum time span, so that a line that has only begun is not stretched over the whole width. */
const SHORTEST_MS = 60_000;
const HEIGHT = 220;
const MARGIN = { top: 8, right: 12, bottom: 24, left: 48 };
const TIME_STEPS_MS = [10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000, 3_600_000];
const DASHES = ['', '7 4', '2 3'];

interface Props {
  readonly label: string;
  readonly unit: string;
  readonly series: readonly LineChartSeries[];
}

/** Values over time as an SVG drawn in CSS pixels; the pointer shows the values of the nearest time. */
export function LinePlot({ label, unit, series }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(600);
  const [pointed, setPointed] = useState<number>();
  useLayoutEffect(() => {
    if (box.current === null) return;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.max(240, entry?.contentRect.width ?? 600)));
    observer.observe(box.current);
    return () => observer.disconnect();
  }, []);

  const times = series.flatMap(({ points }) => points.map(([time]) => time));
  const last = times.length > 0 ? Math.max(...times) : Date.now();
  const first = Math.min(last - SHORTEST_MS, ...times);
  const ticks = niceTicks(Math.max(1, ...series.flatMap(({ points }) => points.map(([, value]) => value))));
  const top = ticks.at(-1) ?? 1;
  const inner = { width: width - MARGIN.left - MARGIN.right, height: HEIGHT - MARGIN.top - MARGIN.bottom };
  const x = (time: number) => MARGIN.left + ((time - first) / (last - first)) * inner.width;
  const y = (value: number) => MARGIN.top + inner.height * (1 - value / top);
  const near =
    pointed === undefined
      ? undefined
      : nearest(times, first + ((pointed - MARGIN.left) / inner.width) * (last - first));
  return (
    <div
      class="chart-box"
      ref={box}
      onPointerMove={(event) => setPointed(event.clientX - event.currentTarget.getBoundingClientRect().left)}
      onPointerLeave={() => setPointed(undefined)}
    >
      <svg width={width} height={HEIGHT} role="img" aria-label={label}>
        {ticks.map((value) => (
          <g key={value} class="plot-tick">
            <line x1={MARGIN.left} x2={width - MARGIN.right} y1={y(value)} y2={y(value)} />
            <text x={MARGIN.left - 8} y={y(value) + 4} text-anchor="end">
              {formatRate(value)}
            </text>
          </g>
        ))}
        {timeTicks(first, last, inner.width).map((time) => (
          <text key={time} class="plot-time" x={x(time)} y={HEIGHT - 6} text-anchor="middle">
            {formatClock(time)}
          </text>
        ))}
        {series.map(({ label: name, colour, points }, index) => (
          <polyline
            key={name}
            class="plot-line"
            style={{ '--line-colour': `var(${colour})` }}
            stroke-dasharray={DASHES[index % DASHES.length]}
            points={points.map(([time, value]) => `${x(time).toFixed(1)},${y(value).toFixed(1)}`).join(' ')}
          />
        ))}
        {near !== undefined && <line class="plot-pointer" x1={x(near)} x2={x(near)} y1={MARGIN.top} y2={y(0)} />}
      </svg>
      {near !== undefined && (
        <p class="plot-tip" style={{ left: `${Math.min(x(near) + 8, width - 180)}px` }}>
          <strong>{formatClock(near)}</strong>
          {series.map(({ label: name, points }) => {
            const value = points.find(([time]) => time === near)?.[1];
            return (
              value !== undefined && (
                <span key={name}>
                  <bdi>{name}</bdi>: {formatRate(value)} {unit}
                </span>
              )
            );
          })}
        </p>
      )}
    </div>
  );
}

/** Ticks from 0 in steps of 1, 2 or 5 times a power of ten, up to at least `most`. */
export function niceTicks(most: number): number[] {
  const rough = most / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, index) => Number((index * step).toPrecision(12)));
}

function timeTicks(first: number, last: number, width: number): number[] {
  const most = Math.max(2, Math.floor(width / 110));
  const step = TIME_STEPS_MS.find((each) => (last - first) / each <= most) ?? 3_600_000;
  const start = Math.ceil((first + step / 4) / step) * step;
  return Array.from({ length: most + 1 }, (_, index) => start + index * step).filter((time) => time <= last - step / 4);
}

function nearest(times: readonly number[], wanted: number): number | undefined {
  return times.reduce<number | undefined>(
    (best, time) => (best === undefined || Math.abs(time - wanted) < Math.abs(best - wanted) ? time : best),
    undefined,
  );
}
