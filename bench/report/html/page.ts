import { environmentLines } from '../output/markdown.ts';
import { blockTables, sideTables } from '../output/tables.ts';
import { passesText } from '../passes.ts';
import type { Report, VerdictLine } from '../report.ts';
import { CHOOSE_SCRIPT, choose } from './choose.ts';
import { escapeHtml, htmlTable } from './markup.ts';
import { costs, latency, overview, paths, type Section } from './sections.ts';
import { STYLE } from './style.ts';

/** The whole report as one self-contained page. */
export function toHtml(report: Report): string {
  const sections = [
    overview(report),
    paths(report),
    choose(report),
    costs(report),
    latency(report),
    ...sideSections(report),
    tables(report),
    environment(report),
  ].filter((section) => section !== undefined);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>Votewire bench: gRPC or HTTP + WebAssembly?</title><link rel="icon" href="data:,"><style>${STYLE}</style></head>
<body><main>
<h1>gRPC or HTTP + WebAssembly?</h1>
${head(report)}
${verdict(report.verdict)}
${sections.map(({ title, lede, body }) => `<section><h2>${escapeHtml(title)}</h2><p>${escapeHtml(lede)}</p>${body}</section>`).join('\n')}
</main><script>${CHOOSE_SCRIPT}</script></body></html>
`;
}

function head({ createdAt, environment: env, rows, settings, valid, busy, invalid, repeated }: Report): string {
  const when = `${createdAt.slice(0, 10)} ${createdAt.slice(11, 16)} UTC`;
  const badge = !valid
    ? '<span class="badge bad">this run is invalid</span>'
    : busy
      ? '<span class="badge bad">too busy for a verdict</span>'
      : '<span class="badge good">valid: acknowledged = stored = counted</span>';
  const list = (items: readonly string[]) => `<ul>${items.map((item) => `<li>${escapeHtml(item)}</li>`).join('')}</ul>`;
  const why = valid
    ? ''
    : `<details class="invalid" open><summary>Why this run is invalid</summary>${list(invalid)}</details>`;
  const again = repeated.map(({ variant, round, reasons }) => `${variant}, pass ${round + 1}: ${reasons.join('; ')}`);
  const repeats =
    again.length === 0
      ? ''
      : `<details><summary>Windows left out because the load generator fell behind: ${again.length}</summary>${list(again)}</details>`;
  return `<p class="meta">${when} · ${escapeHtml(env.cpu)}, ${env.cores} cores · ${passesText(rows)} ${settings.rounds === 1 ? 'pass' : 'passes'} · commit ${escapeHtml(env.commit ?? 'unknown')}<br>${badge}</p>${why}${repeats}`;
}

/** Lines shown initially; the others are collapsed, and also in the plots. */
const SHOWN_LINES = 6;

function verdict(lines: readonly VerdictLine[]): string {
  const headline = lines.filter(({ kind }) => kind === 'headline');
  const rest = lines.filter(({ kind }) => kind !== 'headline');
  const item = ({ kind, text }: VerdictLine) => `<li><b>${kind}</b><span>${escapeHtml(text)}</span></li>`;
  const first = rest.filter(({ kind }) => kind === 'caution').slice(0, SHOWN_LINES);
  const folded = rest.filter((line) => !first.includes(line));
  const more =
    folded.length > 0
      ? `<details><summary>${folded.length} findings in words</summary><ul class="verdict">${folded.map(item).join('')}</ul></details>`
      : '';
  return `${headline.map(({ text }) => `<p class="answer">${escapeHtml(text)}</p>`).join('')}<ul class="verdict">${first.map(item).join('')}</ul>${more}`;
}

function sideSections(report: Report): Section[] {
  return sideTables(report).map((one) => ({ ...one, body: `<div class="card">${htmlTable(one)}</div>` }));
}

function tables({ rows }: Report): Section {
  const body = blockTables(rows)
    .map((one) => `<details><summary>${escapeHtml(one.title)}</summary>${htmlTable(one)}</details>`)
    .join('');
  return {
    title: 'All figures',
    lede: 'CPU-seconds per million votes: medians of the windows with their interval, as measured and normalized by the calibration beside each window. Absolute figures follow the speed of the machine; compare ratios.',
    body: `<div class="card">${body}</div>`,
  };
}

function environment(report: Report): Section {
  const entries = [
    ...environmentLines(report),
    [
      'A reply counts',
      'if it is decoded: grpc-status 0 with a receipt, or 2xx with a receipt or a full account of its batch',
    ],
    [
      'A run is invalid',
      'if acknowledged, stored and counted differ; if over 0.1 % of votes fail; if a cell has no window in which the load generator kept up: at most 1 % of requests late, at most 85 % of its core',
    ],
  ];
  const list = entries.map(([name = '', value = '']) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`);
  return {
    title: 'How it was measured',
    lede: 'The kernel reports the CPU time of the server process; it is divided by the votes acknowledged in the window.',
    body: `<div class="card"><dl>${list.join('')}</dl></div>`,
  };
}
