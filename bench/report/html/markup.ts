import type { TextTable } from '../output/tables.ts';

/** Escapes arbitrary text for HTML. */
export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** A table that scrolls sideways. */
export function htmlTable({ title, head, lines }: TextTable): string {
  const cells = (tag: string, values: readonly string[]) =>
    values.map((value, at) => `<${tag}${at > 0 ? ' class="n"' : ''}>${escapeHtml(value)}</${tag}>`).join('');
  const body = lines.map((line) => `<tr>${cells('td', line)}</tr>`).join('');
  return `<div class="scroll" tabindex="0" role="region" aria-label="${escapeHtml(title)}"><table><thead><tr>${cells('th', head)}</tr></thead><tbody>${body}</tbody></table></div>`;
}

/** Tick labels and hairlines under the rows of a plot. */
export function axis(ticks: readonly { at: number; label: string }[], title: string): string {
  const labels = ticks
    .map(({ at, label }) => `<span style="left:${at.toFixed(2)}%">${escapeHtml(label)}</span>`)
    .join('');
  return `<div class="axis"><div class="ticks">${labels}</div><p>${escapeHtml(title)}</p></div>`;
}

/** A number on an axis, in its shortest form. */
export function tickLabel(tick: number): string {
  return Number(tick.toPrecision(3)).toLocaleString('en');
}

export function gridLines(ticks: readonly { at: number }[]): string {
  return ticks
    .map(({ at }) => `<line class="grid" x1="${at.toFixed(2)}%" x2="${at.toFixed(2)}%" y1="0" y2="100%"/>`)
    .join('');
}
