import { QUESTIONS } from '../runner/scenarios.ts';
import type { Estimate } from '../statistics/median.ts';
import { amount, mebibytes, range } from './format.ts';
import type { BenchSettings, LatencyMs, Report, Row } from './report.ts';

/** The report for a pull request. */
export function toMarkdown(report: Report): string {
  const { environment: env, settings } = report;
  const sections = [
    `# Votewire bench, ${report.createdAt.slice(0, 16).replace('T', ' ')} UTC`,
    report.valid ? validText(report) : invalidText(report),
    '## Verdict',
    report.verdict.map(({ text, kind }) => (kind === 'headline' ? `**${text}**\n` : `- ${text}`)).join('\n'),
    ...groups(report.rows).map(([scenario, rows]) => `## ${QUESTIONS[scenario] ?? scenario}\n\n${rowTable(rows)}`),
    ...(report.freshness.length > 0 ? ['## From send to counted and shown', freshnessTable(report)] : []),
    ...(report.codecs.length > 0 ? [`## ${QUESTIONS.codec}`, codecTable(report)] : []),
    '## Environment',
    [
      `- ${env.cpu}, ${env.cores} cores, ${mebibytes(env.memoryBytes)}, ${env.os}`,
      `- ${Object.entries(env.versions)
        .map(([name, version]) => `${name} ${version ?? '-'}`)
        .join(', ')}; commit ${env.commit ?? 'unknown'}`,
      `- Cores: ${env.pinning}. Redis: ${env.redis}. Load average at the start: ${env.loadAverage.toFixed(2)}`,
      `- ${roundsText(settings)}; ${windowText(settings)}; driver: ${settings.driver}`,
      `- Machine: a fixed piece of work took ${range(Math.min(...report.yardstickMs), Math.max(...report.yardstickMs))} CPU-ms at the start of the rounds`,
    ].join('\n'),
  ];
  return `${sections.join('\n\n')}\n`;
}

/** How the rounds were run. */
export function roundsText({ rounds, quick }: BenchSettings): string {
  const processes = quick ? 'each variant on the same processes in all of them' : 'each variant on fresh processes';
  return `${rounds} rounds, ${processes}, order reversed each round`;
}

/** What was measured of each variant in each round. */
export function windowText({ warmupMs, measureMs, laterMeasureMs }: BenchSettings): string {
  const later = laterMeasureMs < measureMs ? ` (${laterMeasureMs / 1000} s after the first round)` : '';
  return `${measureMs / 1000} s measured${later} after at least ${warmupMs / 1000} s of warm-up`;
}

/** What the figures in brackets are. */
export function intervalText({ rounds }: Pick<BenchSettings, 'rounds'>): string {
  return rounds < 5 ? 'Medians, with the range of the rounds' : 'Medians with 95 % bootstrap intervals over the rounds';
}

function validText({ settings }: Report): string {
  return settings.target === null
    ? 'Every row is valid: acknowledged = in the stream = counted.'
    : `Every row is valid; measured at ${settings.target}, not checked against its stream.`;
}

function invalidText({ invalid }: Report): string {
  return `**This run is invalid:**\n\n${invalid.map((reason) => `- ${reason}`).join('\n')}`;
}

/** Rows by scenario, in their order. */
export function groups(rows: readonly Row[]): [string, Row[]][] {
  return Object.entries(Object.groupBy(rows, ({ scenario }) => scenario)).flatMap(([name, group]) =>
    group ? [[name, group] as [string, Row[]]] : [],
  );
}

const HEAD = [
  'transport',
  'codec',
  'runtime',
  'mode',
  'connections',
  'CPU-s per million',
  'votes/s',
  'p50 ms',
  'p99 ms',
  'bytes/vote out, in',
  'RSS',
  'acknowledged = counted',
];

export function rowTable(rows: readonly Row[]): string {
  const lines = rows.map((row) => [
    row.transport,
    what(row),
    row.runtime,
    [row.mode, row.payload === 'small' ? '' : row.payload, row.contest === 'bandas' ? '' : row.contest]
      .filter(Boolean)
      .join(', '),
    `${row.connections} x ${row.streams}${row.load === 'closed' ? '' : `, ${typeof row.load === 'number' ? `${row.load}/s` : row.load}`}`,
    interval(row.cpuSecondsPerMillion),
    Math.round(row.throughput).toLocaleString('en'),
    row.latencyMs ? amount(row.latencyMs.p50) : '-',
    row.latencyMs ? amount(row.latencyMs.p99) : '-',
    `${row.bytesPerVote.sent === null ? '-' : Math.round(row.bytesPerVote.sent)}, ${Math.round(row.bytesPerVote.received)}`,
    row.rssBytes === null ? '-' : mebibytes(row.rssBytes),
    row.valid ? (row.counted === null ? 'not checked' : row.counted.toLocaleString('en')) : '**invalid**',
  ]);
  return table(HEAD, lines);
}

export function table(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...lines.map(line)].join('\n');
}

/** A median with its interval, where there is one: a round alone has none. */
function interval(value: Estimate | null): string {
  if (value === null) return '-';
  return value.low === value.high ? amount(value.median) : `${amount(value.median)} (${range(value.low, value.high)})`;
}

function freshnessTable({ freshness }: Report): string {
  return table(
    ['path', 'samples', 'votes/s beside it', 'counted p50 / p90 / max ms', "on a viewer's page p50 / p90 / max ms"],
    freshness.map(({ path, samples, backgroundRate, countedMs, shownMs }) => [
      path,
      `${samples}`,
      `${backgroundRate}`,
      spread(countedMs),
      shownMs ? spread(shownMs) : '-',
    ]),
  );
}

/** Of a few dozen samples a 99th percentile would be the largest. */
function spread({ p50, p90, max }: LatencyMs): string {
  return `${amount(p50)} / ${amount(p90)} / ${amount(max)}`;
}

function codecTable({ codecs }: Report): string {
  return table(
    ['work', 'codec', 'bytes/vote', 'ns/vote'],
    codecs.map(({ work, codec, bytesPerVote, nanosecondsPerVote }) => [
      work,
      codec,
      `${Math.round(bytesPerVote)}`,
      interval(nanosecondsPerVote),
    ]),
  );
}

/** What serves, beside its transport and runtime: the edge by its codec, anything else by its name. */
export function what({ rung, codec }: Pick<Row, 'rung' | 'codec'>): string {
  if (rung === 'edge') return codec;
  return rung === 'peer' ? 'peer, XADD per vote' : `${rung}, no Redis`;
}
