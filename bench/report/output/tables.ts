import { questionOf } from '../../cells/blocks.ts';
import { MAX_GENERATOR_CPU } from '../../runner/measurement.ts';
import type { Estimate } from '../../statistics/median.ts';
import { rowName } from '../labels.ts';
import type { LatencyMs, Report, Row } from '../report.ts';
import { amount, mebibytes, range } from './format.ts';

/** A table of plain text, for every kind of report. */
export interface TextTable {
  readonly title: string;
  readonly lede: string;
  readonly head: readonly string[];
  readonly lines: readonly (readonly string[])[];
}

/** Tables of the measurements besides the rows. */
export function sideTables({ freshness, codecs, limits }: Report): TextTable[] {
  const spread = ({ p50, p90, max }: LatencyMs) => [p50, p90, max].map((ms) => `${amount(ms)} ms`);
  const tables: TextTable[] = [
    {
      title: 'From send to counted, and to a viewer',
      lede: 'One client waits until its own vote is counted; the event stream of a viewer shows when the new total arrives.',
      head: ['Path', 'Samples', 'Votes/s beside', 'Counted p50', 'p90', 'max', 'On a page p50', 'p90', 'max'],
      lines: freshness.map(({ path, samples, backgroundRate, countedMs, shownMs }) => [
        path === 'http' ? 'HTTP + WASM' : 'gRPC',
        `${samples}`,
        backgroundRate.toLocaleString('en'),
        ...spread(countedMs),
        ...(shownMs ? spread(shownMs) : ['-', '-', '-']),
      ]),
    },
    {
      title: 'The codecs alone',
      lede: 'CPU time of one vote in each codec, without a server; each round is a new process. 1,000 ns are one CPU-second per million votes.',
      head: ['Work', 'Codec', 'Bytes per vote', 'ns per vote'],
      lines: codecs.map(({ work, codec, bytesPerVote, nanosecondsPerVote }) => [
        work,
        codec === 'wasm' ? 'WASM' : 'TypeScript',
        `${Math.round(bytesPerVote)}`,
        intervalText(nanosecondsPerVote),
      ]),
    },
    {
      title: 'What no server can save',
      lede: 'CPU-seconds per million votes: the bytes of a request copied once, and Redis storing its votes by one XADD, with the append-only file.',
      head: ['Step', 'Work', 'CPU-s / million'],
      lines: limits.map(({ limit, work, cpuSecondsPerMillion }) => [limit, work, intervalText(cpuSecondsPerMillion)]),
    },
  ];
  return tables.filter(({ lines }) => lines.length > 0);
}

/** `brief`: also in the table for a pull request and the terminal. */
type Column = readonly [head: string, cell: (row: Row) => string, brief?: 'brief'];

const COLUMNS: readonly Column[] = [
  ['CPU-s / million', (row) => intervalText(row.cpuSecondsPerMillion), 'brief'],
  ['normalized', (row) => intervalText(row.normalizedCpuSecondsPerMillion), 'brief'],
  ['Votes/s', throughputText, 'brief'],
  ['p50 ms', (row) => percentileText(row, 'p50'), 'brief'],
  ['p90 ms', (row) => percentileText(row, 'p90')],
  ['p99 ms', (row) => percentileText(row, 'p99'), 'brief'],
  ['p99.9 ms', (row) => percentileText(row, 'p999')],
  ['Bytes out', (row) => `${Math.round(row.bytesPerVote.sent)}`, 'brief'],
  ['in', (row) => `${Math.round(row.bytesPerVote.received)}`, 'brief'],
  ['System calls', callsText, 'brief'],
  ['Redis', (row) => amountText(row.redisCpuSecondsPerMillion)],
  ['Consumer', (row) => amountText(row.consumerCpuSecondsPerMillion)],
  ['RSS', (row) => (row.rssBytes === null ? '-' : mebibytes(row.rssBytes)), 'brief'],
  ['First vote', (row) => (row.coldStartMs ? `${Math.round(row.coldStartMs.median)} ms` : '-')],
  ['Acknowledged', (row) => row.acknowledged.toLocaleString('en')],
  ['Counted', countedText, 'brief'],
];

/** A table for each block, in the order of the rows. */
export function blockTables(rows: readonly Row[]): TextTable[] {
  return Object.entries(Object.groupBy(rows, ({ scenario }) => scenario)).map(([block, group = []]) => ({
    ...rowTable(group, COLUMNS),
    title: questionOf(block),
  }));
}

export function briefTable(rows: readonly Row[]): TextTable {
  return rowTable(
    rows,
    COLUMNS.filter(([, , brief]) => brief !== undefined),
  );
}

function rowTable(rows: readonly Row[], columns: readonly Column[]): TextTable {
  return {
    title: '',
    lede: '',
    head: ['Row', ...columns.map(([head]) => head)],
    lines: rows.map((row) => [rowName(row), ...columns.map(([, cell]) => cell(row))]),
  };
}

/** Samples per window that a percentile needs, so that ten lie beyond it. */
export const SAMPLES_NEEDED = { p50: 20, p90: 100, p99: 1000, p999: 10_000, max: 1 } as const;

/** A percentile in milliseconds; `-` if the windows have too few samples for it. */
function percentileText({ latencyMs, latencySamples }: Row, key: keyof LatencyMs): string {
  return latencyMs === null || latencySamples < SAMPLES_NEEDED[key] ? '-' : amount(latencyMs[key]);
}

/** Votes per second; a lower bound if the load generator was at its limit. */
function throughputText({ throughput, generatorCpuShare }: Row): string {
  return `${generatorCpuShare > MAX_GENERATOR_CPU ? '≥ ' : ''}${Math.round(throughput).toLocaleString('en')}`;
}

/** System calls per vote, or only reads and writes. */
function callsText({ systemCallsPerVote, ioCallsPerVote }: Row): string {
  if (systemCallsPerVote !== null) return amount(systemCallsPerVote);
  return ioCallsPerVote === null ? '-' : `${amount(ioCallsPerVote)} r/w`;
}

function countedText({ valid, counted }: Row): string {
  if (!valid) return 'invalid';
  return counted === null ? 'not stored' : counted.toLocaleString('en');
}

function amountText(value: Estimate | null): string {
  return value === null ? '-' : amount(value.median);
}

/** A median with its interval; a single value has none. */
export function intervalText(value: Estimate | null): string {
  if (value === null) return '-';
  return value.low === value.high ? amount(value.median) : `${amount(value.median)} (${range(value.low, value.high)})`;
}
