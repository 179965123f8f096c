import { questionOf } from '../../cells/blocks.ts';
import { MAX_GENERATOR_CPU } from '../../runner/measurement.ts';
import type { Estimate } from '../../statistics/median.ts';
import { rowName } from '../labels.ts';
import { passesText } from '../passes.ts';
import type { BenchSettings, Effect, LatencyMs, Report, Row } from '../report.ts';
import { amount, mebibytes, range } from './format.ts';

/** The report for a pull request. */
export function toMarkdown(report: Report): string {
  const headline = report.verdict.filter(({ kind }) => kind === 'headline');
  const others = report.verdict.filter(({ kind }) => kind !== 'headline');
  const sections = [
    `# Votewire bench, ${report.createdAt.slice(0, 16).replace('T', ' ')} UTC`,
    report.valid ? 'Every row is valid: acknowledged = stored = counted.' : invalidText(report),
    '## Verdict',
    headline.map(({ text }) => `**${text}**`).join('\n\n'),
    others.map(({ text }) => `- ${text}`).join('\n'),
    ...(report.effects.length > 0 ? ['## Effects on CPU per vote', effectTable(report.effects)] : []),
    ...groups(report.rows).map(([block, rows]) => `## ${questionOf(block)}\n\n${rowTable(rows)}`),
    ...(report.freshness.length > 0 ? ['## From send to counted and shown', freshnessTable(report)] : []),
    ...(report.codecs.length > 0 ? ['## Each codec alone', codecTable(report)] : []),
    ...(report.limits.length > 0 ? ['## What no server can save', limitTable(report)] : []),
    '## Environment',
    environmentLines(report)
      .map(([name, value]) => `- ${name}: ${value}`)
      .join('\n'),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

/** Everything that a reader needs to repeat the run. */
export function environmentLines({
  environment: env,
  rows,
  settings,
  yardstickMs,
}: Report): [name: string, value: string][] {
  const versions = Object.entries(env.versions).flatMap(([name, version]) => (version ? `${name} ${version}` : []));
  return [
    ['Machine', `${env.cpu}, ${env.cores} cores, ${mebibytes(env.memoryBytes)} memory, ${env.os} ${env.arch}`],
    ['Versions', versions.join(', ')],
    ['Commit', env.commit ?? 'unknown'],
    ['Cores', env.pinning],
    ['Redis', env.redis],
    [
      'Edge settings',
      Object.entries(env.edgeEnv)
        .map(([name, value]) => `${name}=${value}`)
        .join(' '),
    ],
    ['Load average at the start', env.loadAverage.toFixed(2)],
    [
      'Calibration',
      `a fixed piece of work took ${range(Math.min(...yardstickMs), Math.max(...yardstickMs))} CPU-ms, medians of the passes`,
    ],
    ['Passes', lengthText(passesText(rows), settings)],
  ];
}

function lengthText(passes: string, { windows, measureMs, warmupMs, quick }: BenchSettings): string {
  const processes = quick ? 'on the same processes' : 'each on new processes';
  return `${passes}, ${processes}, with up to ${windows} windows of ${measureMs / 1000} s of each cell after ${warmupMs / 1000} s of warm-up`;
}

function invalidText({ invalid }: Report): string {
  return `**This run is invalid:**\n\n${invalid.map((reason) => `- ${reason}`).join('\n')}`;
}

/** Rows by block, in their order. */
export function groups(rows: readonly Row[]): [string, Row[]][] {
  return Object.entries(Object.groupBy(rows, ({ scenario }) => scenario)).flatMap(([name, group]) =>
    group ? [[name, group] as [string, Row[]]] : [],
  );
}

function effectTable(effects: readonly Effect[]): string {
  return table(
    ['block', 'factor', 'from', 'to', 'CPU ratio'],
    effects.map(({ block, factor, fromLabel, toLabel, ratio }) => [block, factor, fromLabel, toLabel, interval(ratio)]),
  );
}

export function rowTable(rows: readonly Row[]): string {
  return table(
    [
      'row',
      'CPU-s per million',
      'normalized',
      'votes/s',
      'p50 ms',
      'p99 ms',
      'bytes/vote',
      'calls/vote',
      'RSS',
      'acknowledged = counted',
    ],
    rows.map((row) => [
      rowName(row),
      interval(row.cpuSecondsPerMillion),
      interval(row.normalizedCpuSecondsPerMillion),
      throughputText(row),
      percentileText(row, 'p50'),
      percentileText(row, 'p99'),
      row.throughput > 0 ? `${Math.round(row.bytesPerVote.sent + row.bytesPerVote.received)}` : '-',
      callsText(row),
      row.rssBytes === null ? '-' : mebibytes(row.rssBytes),
      row.valid ? (row.counted === null ? 'not stored' : row.counted.toLocaleString('en')) : '**invalid**',
    ]),
  );
}

/** Samples of one window that a percentile needs: ten beyond it. */
const SAMPLES_NEEDED = { p50: 20, p90: 100, p99: 1000, p999: 10_000, max: 1 } as const;

/** A percentile in milliseconds; `-` if the windows have too few samples for it. */
export function percentileText({ latencyMs, latencySamples }: Row, key: keyof LatencyMs): string {
  return latencyMs === null || latencySamples < SAMPLES_NEEDED[key] ? '-' : amount(latencyMs[key]);
}

/** Votes per second; a lower bound if the load generator was at its limit. */
export function throughputText({ throughput, generatorCpuShare }: Row): string {
  return `${generatorCpuShare > MAX_GENERATOR_CPU ? '≥ ' : ''}${Math.round(throughput).toLocaleString('en')}`;
}

/** System calls per vote, or reads and writes alone. */
export function callsText({ systemCallsPerVote, ioCallsPerVote }: Row): string {
  if (systemCallsPerVote !== null) return amount(systemCallsPerVote);
  return ioCallsPerVote === null ? '-' : `${amount(ioCallsPerVote)} r/w`;
}

export function table(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...lines.map(line)].join('\n');
}

/** A median with its interval; a single value has none. */
function interval(value: Estimate | null): string {
  if (value === null) return '-';
  return value.low === value.high ? amount(value.median) : `${amount(value.median)} (${range(value.low, value.high)})`;
}

function freshnessTable({ freshness }: Report): string {
  return table(
    ['path', 'samples', 'votes/s beside them', 'counted p50 / p90 / max ms', "on a viewer's page p50 / p90 / max ms"],
    freshness.map(({ path, samples, backgroundRate, countedMs, shownMs }) => [
      path,
      `${samples}`,
      `${backgroundRate}`,
      spread(countedMs),
      shownMs ? spread(shownMs) : '-',
    ]),
  );
}

/** Of a few dozen samples the 99th percentile would be the largest. */
function spread({ p50, p90, max }: LatencyMs): string {
  return `${amount(p50)} / ${amount(p90)} / ${amount(max)}`;
}

function limitTable({ limits }: Report): string {
  return table(
    ['step', 'work', 'CPU-s per million'],
    limits.map(({ limit, work, cpuSecondsPerMillion }) => [limit, work, interval(cpuSecondsPerMillion)]),
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
