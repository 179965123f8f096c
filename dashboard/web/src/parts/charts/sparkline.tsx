import type { RatePoints } from '../../data/use-rate.ts';

const WIDTH = 160;
const HEIGHT = 36;

/** The shape of the last two minutes; the number next to it gives the scale. */
export function Sparkline({ points }: { points: RatePoints }) {
  const last = points.at(-1)?.[0] ?? 0;
  const first = Math.max(points[0]?.[0] ?? 0, last - 120_000);
  const shown = points.filter(([time]) => time >= first);
  const top = Math.max(1, ...shown.map(([, rate]) => rate));
  const place = ([time, rate]: readonly [number, number]) =>
    `${(((time - first) / Math.max(1, last - first)) * WIDTH).toFixed(1)},${(HEIGHT - 2 - (rate / top) * (HEIGHT - 4)).toFixed(1)}`;
  return (
    <svg class="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      <line x1="0" x2={WIDTH} y1={HEIGHT - 1} y2={HEIGHT - 1} />
      {shown.length > 1 && <polyline points={shown.map(place).join(' ')} />}
    </svg>
  );
}
