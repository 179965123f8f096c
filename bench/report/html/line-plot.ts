import { axis, escapeHtml } from './markup.ts';
import type { Scale } from './scale.ts';

export interface Line {
  readonly label: string;
  readonly color: string;
  readonly dashed?: boolean;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

export interface LinePlot {
  readonly title: string;
  readonly lines: readonly Line[];
  /** Positions in per cent. */
  readonly x: { readonly ticks: readonly { at: number; label: string }[]; readonly title: string };
  readonly y: Scale;
  readonly unit: string;
}

const HEIGHT = 170;

/** Lines from point to point; `x` of the points is in per cent already. Drawn as segments, so that it scales. */
export function linePlot({ title, lines, x, y, unit }: LinePlot): string {
  const top = (value: number) => 100 - y.at(value);
  const grid = y.ticks
    .map((tick) => `<line class="grid" x1="0" x2="100%" y1="${top(tick).toFixed(2)}%" y2="${top(tick).toFixed(2)}%"/>`)
    .join('');
  const labels = y.ticks
    .map((tick) => `<text x="2" y="${top(tick).toFixed(2)}%" dy="-3">${tick.toLocaleString('en')} ${unit}</text>`)
    .join('');
  const drawn = lines.map(({ color, dashed, points }) => {
    const segments = points.slice(1).map((point, i) => {
      const from = points[i] ?? point;
      return `<line x1="${from.x.toFixed(2)}%" y1="${top(from.y).toFixed(2)}%" x2="${point.x.toFixed(2)}%" y2="${top(point.y).toFixed(2)}%"/>`;
    });
    const dots = points.map((p) => `<circle cx="${p.x.toFixed(2)}%" cy="${top(p.y).toFixed(2)}%" r="3"/>`);
    return `<g class="line ${color}${dashed ? ' dashed' : ''}">${segments.join('')}${dashed ? '' : dots.join('')}</g>`;
  });
  return `<figure class="small"><figcaption>${escapeHtml(title)}</figcaption>
<svg height="${HEIGHT}" role="img" aria-label="${escapeHtml(title)}">${grid}${drawn.join('')}${labels}</svg>${axis(x.ticks, x.title)}</figure>`;
}
