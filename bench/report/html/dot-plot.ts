import type { Estimate } from '../../statistics/median.ts';
import { amount, range } from '../output/format.ts';
import { axis, escapeHtml, gridLines, tickLabel } from './markup.ts';
import type { Scale } from './scale.ts';

export interface Dot {
  readonly value: Estimate;
  /** CSS class: `http`, `grpc`, `http2`, `connect`, `none`. */
  readonly color: string;
}

export interface DotRow {
  readonly label: string;
  readonly note?: string;
  readonly dots: readonly Dot[];
  /** Text at the right; default: the dots' medians and intervals. */
  readonly figures?: readonly string[];
}

/** Rows of dots with their intervals as whiskers. `mark`: a value to draw a line at. */
export function dotPlot(rows: readonly DotRow[], scale: Scale, options: { title: string; mark?: number }): string {
  const ticks = scale.ticks.map((tick) => ({ at: scale.at(tick), label: tickLabel(tick) }));
  const mark = options.mark === undefined ? '' : verticalLine(scale.at(options.mark));
  const lines = rows.map((row) => {
    const figures = row.figures ?? row.dots.map(({ value }) => dotText(value));
    const dots = row.dots.map((dot) => drawDot(dot, scale)).join('');
    return `<div class="row"><div class="label">${escapeHtml(row.label)}${row.note ? `<small>${escapeHtml(row.note)}</small>` : ''}</div>
<div class="canvas"><svg role="img" aria-label="${escapeHtml(`${row.label}: ${figures.join(', ')}`)}">${gridLines(ticks)}${mark}${dots}</svg></div>
<div class="figures">${figures.map((text) => `<span>${escapeHtml(text)}</span>`).join('')}</div></div>`;
  });
  return `<div class="plot">${lines.join('\n')}<div class="row foot"><div></div>${axis(ticks, options.title)}<div></div></div></div>`;
}

function dotText({ median, low, high }: Estimate): string {
  return low === high ? amount(median) : `${amount(median)} (${range(low, high)})`;
}

function drawDot({ value, color }: Dot, scale: Scale): string {
  const y = '50%';
  const x = (v: number) => `${scale.at(v).toFixed(2)}%`;
  const whisker = `<line x1="${x(value.low)}" x2="${x(value.high)}" y1="${y}" y2="${y}"/>`;
  return `<g class="dot ${color}">${whisker}<circle cx="${x(value.median)}" cy="${y}" r="5"/></g>`;
}

function verticalLine(at: number): string {
  return `<line class="mark" x1="${at.toFixed(2)}%" x2="${at.toFixed(2)}%" y1="0" y2="100%"/>`;
}
