import { QUESTIONS } from '../scenarios.ts';
import type { Estimate } from '../statistics/median.ts';
import { amount, mebibytes, range } from './format.ts';
import type { Report, Row } from './report.ts';

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
      `- ${settings.rounds} rounds, order reversed each round; ${settings.warmupMs} ms warm-up, ${settings.measureMs} ms measured; driver: ${settings.driver}`,
      `- Machine: a fixed piece of work took ${range(Math.min(...report.yardstickMs), Math.max(...report.yardstickMs))} CPU-ms at the start of the rounds`,
    ].join('\n'),
  ];
  return `${sections.join('\n\n')}\n`;
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
    `${Math.round(row.bytesPerVote.sent)}, ${Math.round(row.bytesPerVote.received)}`,
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
    ['path', 'votes/s beside it', 'counted p50 / p99 ms', "on a viewer's page p50 / p99 ms"],
    freshness.map(({ path, backgroundRate, countedMs, shownMs }) => [
      path,
      `${backgroundRate}`,
      `${amount(countedMs.p50)} / ${amount(countedMs.p99)}`,
      shownMs ? `${amount(shownMs.p50)} / ${amount(shownMs.p99)}` : '-',
    ]),
  );
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
