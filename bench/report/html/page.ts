import { QUESTIONS } from '../../runner/scenarios.ts';
import { amount, mebibytes, range } from '../format.ts';
import { groups, intervalText, roundsText, what, windowText } from '../markdown.ts';
import type { LatencyMs, Report, Row, VerdictLine } from '../report.ts';
import { COST_SCRIPT, cost } from './cost.ts';
import { escapeHtml, htmlTable } from './markup.ts';
import { factorial, forest, interval, ladder, latency, modes, overTime, type Section } from './sections.ts';
import { STYLE } from './style.ts';

/** The whole report as one page that asks nobody for anything. */
export function toHtml(report: Report): string {
  const { rows } = report;
  const sections = [
    forest(rows),
    factorial(rows),
    ladder(rows),
    modes(rows),
    latency(rows),
    freshness(report),
    codecs(report),
    overTime(report),
    cost(report),
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
</main><script>${COST_SCRIPT}</script></body></html>
`;
}

function head({ createdAt, environment: env, settings, valid, invalid, repeated }: Report): string {
  const when = `${createdAt.slice(0, 10)} ${createdAt.slice(11, 16)} UTC`;
  const badge = valid
    ? `<span class="badge good">valid${settings.target === null ? ': acknowledged = in the stream = counted' : '; not checked against the stream'}</span>`
    : '<span class="badge bad">this run is invalid</span>';
  const list = (items: readonly string[]) => `<ul>${items.map((item) => `<li>${escapeHtml(item)}</li>`).join('')}</ul>`;
  const why = valid
    ? ''
    : `<details class="invalid" open><summary>Why this run is invalid</summary>${list(invalid)}</details>`;
  const again = repeated.map(({ variant, round, reasons }) => `${variant}, round ${round + 1}: ${reasons.join('; ')}`);
  const repeats =
    again.length === 0
      ? ''
      : `<details><summary>${again.length === 1 ? '1 measurement was' : `${again.length} measurements were`} taken again because the generator fell behind</summary>${list(again)}</details>`;
  const stopped = settings.interrupted ? ' Stopped before its end.' : '';
  return `<p class="meta">${when} · ${escapeHtml(env.cpu)}, ${env.cores} cores · ${settings.rounds} interleaved rounds · commit ${escapeHtml(env.commit ?? 'unknown')}.${stopped}<br>${badge}</p>${why}${repeats}`;
}

const KINDS: Record<VerdictLine['kind'], string> = {
  headline: '',
  path: 'Who wins',
  codec: 'Codec',
  reason: 'Why',
  batching: 'Batching',
  latency: 'Latency',
  cost: 'Cost',
  indifferent: 'No matter',
  caution: 'Caution',
};

function verdict(lines: readonly VerdictLine[]): string {
  const headline = lines.filter(({ kind }) => kind === 'headline');
  const rest = lines.filter(({ kind }) => kind !== 'headline');
  const item = ({ kind, text }: VerdictLine) => `<li><b>${KINDS[kind]}</b><span>${escapeHtml(text)}</span></li>`;
  // The comparisons one by one stand in the forest plot, too: behind a fold where there are many.
  const paths = rest.filter(({ kind }) => kind === 'path');
  const others = rest.filter(({ kind }) => kind !== 'path');
  const shown = paths.length > 6 ? [...paths.slice(0, 3), ...others] : [...paths, ...others];
  const folded = paths.length > 6 ? paths.slice(3) : [];
  const more =
    folded.length > 0
      ? `<details><summary>${folded.length} more comparisons in words</summary><ul class="verdict">${folded.map(item).join('')}</ul></details>`
      : '';
  return `${headline.map(({ text }) => `<p class="answer">${escapeHtml(text)}</p>`).join('')}<ul class="verdict">${shown.map(item).join('')}</ul>${more}`;
}

function freshness({ freshness: measured }: Report): Section | undefined {
  if (measured.length === 0) return undefined;
  const head = ['Path', 'Samples', 'Votes/s beside', 'Counted p50', 'p90', 'max', 'On a page p50', 'p90', 'max'];
  const spread = (ms: LatencyMs | null) =>
    (['p50', 'p90', 'max'] as const).map((key) => (ms ? `${amount(ms[key])} ms` : '–'));
  const lines = measured.map(({ path, samples, backgroundRate, countedMs, shownMs }) => [
    path === 'http' ? 'HTTP + WASM' : 'gRPC',
    `${samples}`,
    backgroundRate.toLocaleString('en'),
    ...spread(countedMs),
    ...spread(shownMs),
  ]);
  return {
    title: 'From send to counted, and to a viewer',
    lede: 'One client waits until its own vote is counted; a viewer’s event stream shows when the new total arrives.',
    body: `<div class="card">${htmlTable(head, lines)}</div>`,
  };
}

function codecs({ codecs: costs }: Report): Section | undefined {
  if (costs.length === 0) return undefined;
  const lines = costs.map(({ work, codec, bytesPerVote, nanosecondsPerVote }) => [
    escapeHtml(work),
    codec === 'wasm' ? 'WASM' : 'TypeScript',
    `${Math.round(bytesPerVote)}`,
    interval(nanosecondsPerVote),
  ]);
  return {
    title: 'The codecs alone',
    lede: 'CPU time of one vote in each codec, without a server; each round is a process of its own. 1,000 ns are one CPU-second per million votes.',
    body: `<div class="card">${htmlTable(['Work', 'Codec', 'Bytes a vote', 'ns a vote'], lines)}</div>`,
  };
}

function tables({ rows, settings }: Report): Section {
  const body = groups(rows)
    .map(
      ([scenario, group]) =>
        `<details${scenario === 'transport' ? ' open' : ''}><summary>${escapeHtml(QUESTIONS[scenario] ?? scenario)}</summary>${scenarioTable(group)}</details>`,
    )
    .join('');
  return {
    title: 'All figures',
    lede: `${intervalText(settings)}.`,
    body: `<div class="card">${body}</div>`,
  };
}

function scenarioTable(rows: readonly Row[]): string {
  const head = [
    'Variant',
    'CPU-s / million',
    'Votes/s',
    'p50',
    'p90',
    'p99',
    'p99.9',
    'max ms',
    'Bytes out',
    'in',
    'Redis',
    'Consumer',
    'Loop p99',
    'RSS',
    'First vote',
    'Acknowledged',
    'Counted',
  ];
  const lines = rows.map((row) => [
    `${escapeHtml(variantName(row))}${row.valid ? '' : ' <span class="badge bad">invalid</span>'}`,
    interval(row.cpuSecondsPerMillion),
    Math.round(row.throughput).toLocaleString('en'),
    ...(['p50', 'p90', 'p99', 'p999', 'max'] as const).map((key) => (row.latencyMs ? amount(row.latencyMs[key]) : '–')),
    row.bytesPerVote.sent === null ? '–' : `${Math.round(row.bytesPerVote.sent)}`,
    `${Math.round(row.bytesPerVote.received)}`,
    row.redisCpuSecondsPerMillion ? amount(row.redisCpuSecondsPerMillion.median) : '–',
    row.consumerCpuSecondsPerMillion ? amount(row.consumerCpuSecondsPerMillion.median) : '–',
    row.eventLoopDelayMs ? `${amount(row.eventLoopDelayMs.median)} ms` : '–',
    row.rssBytes === null ? '–' : mebibytes(row.rssBytes),
    row.coldStartMs ? `${Math.round(row.coldStartMs.median)} ms` : '–',
    row.acknowledged.toLocaleString('en'),
    row.counted === null ? 'not stored' : row.counted.toLocaleString('en'),
  ]);
  return htmlTable(head, lines);
}

function variantName(row: Row): string {
  const load =
    row.load === 'closed'
      ? ''
      : typeof row.load === 'number'
        ? `, ${row.load.toLocaleString('en')}/s`
        : `, ${row.load}`;
  const extra = `${row.payload === 'small' ? '' : ', attributes'}${row.contest === 'bandas' ? '' : `, ${row.contest}`}`;
  return `${row.transport} ${what(row)} · ${row.runtime} · ${row.mode}${extra} · ${row.connections}×${row.streams}${load}`;
}

function environment({ environment: env, settings, yardstickMs }: Report): Section {
  const versions = Object.entries(env.versions).flatMap(([name, version]) => (version ? `${name} ${version}` : []));
  const entries = {
    Machine: `${env.cpu}, ${env.cores} cores, ${mebibytes(env.memoryBytes)} memory, ${env.os} ${env.arch}`,
    Versions: versions.join(', '),
    Commit: env.commit ?? 'unknown',
    'Cores given to': env.pinning,
    Redis: env.redis,
    'Edge settings': Object.entries(env.edgeEnv)
      .map(([name, value]) => `${name}=${value}`)
      .join(' '),
    'Load average at the start': env.loadAverage.toFixed(2),
    'Speed of the machine': `a fixed piece of work took ${range(Math.min(...yardstickMs), Math.max(...yardstickMs))} CPU-ms at the start of the rounds`,
    Rounds: roundsText(settings),
    Window: windowText(settings),
    Generator: `${settings.driver}${settings.target ? ` against ${settings.target}` : ''}`,
    'A reply counts':
      'only when decoded: grpc-status 0 with a receipt, or 2xx with a receipt or a full account of its batch',
    'A run is invalid':
      'where acknowledged, stored and counted differ; where over 0.1 % of votes fail; where over 1 % of requests leave late or the generator uses over 85 % of its core',
  };
  const list = Object.entries(entries).map(
    ([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`,
  );
  return {
    title: 'How it was measured',
    lede: 'CPU-seconds are read from the kernel for the server’s process, within the measured window, and divided by the votes acknowledged in it.',
    body: `<div class="card"><dl>${list.join('')}</dl></div>`,
  };
}
