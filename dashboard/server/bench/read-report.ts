import type { BenchEffectView, BenchReportView, BenchRowView } from '../../api/bench.ts';

const NO_VERDICT = 'No verdict: this report has fewer than two rows to compare.';
const MAX_EFFECTS = 24;
/** Comparisons with other languages and runtimes do not explain why one of our transports costs more. */
const SHOWN_FACTORS = new Set(['path', 'server', 'transport', 'encoding', 'codec', 'shape', 'reading']);

/** The pages' view of a report.json, which another version of the bench may have written in another shape. */
export function viewReport(
  report: Record<string, unknown>,
  own: Pick<BenchReportView, 'id' | 'published' | 'hasHtml'>,
): BenchReportView {
  const verdict = listOf(report.verdict);
  const created = typeof report.createdAt === 'string' ? Date.parse(report.createdAt) : Number.NaN;
  return {
    ...own,
    valid: report.valid === true,
    verdict: [...(hasVerdict(verdict) ? [] : [NO_VERDICT]), ...verdict.map(sentence)].filter((line) => line !== ''),
    rows: listOf(report.rows)
      .map(readRow)
      .filter((row) => row !== undefined),
    createdAt: Number.isNaN(created) ? null : new Date(created).toISOString(),
    machine: machineOf(report.environment),
    invalid: listOf(report.invalid).filter((reason) => typeof reason === 'string'),
    effects: listOf(report.effects)
      .map(readEffect)
      .filter((effect) => effect !== undefined)
      .toSorted((a, b) => sizeOf(b) - sizeOf(a))
      .slice(0, MAX_EFFECTS),
  };
}

/** A stopped run leaves only cautions, which do not say which transport wins. */
function hasVerdict(lines: readonly unknown[]): boolean {
  return lines.some((line) => typeof line === 'string' || objectOf(line).kind !== 'caution');
}

/** A verdict is a sentence, or an object that contains one. */
function sentence(verdict: unknown): string {
  if (typeof verdict === 'string') return verdict;
  const { sentence: own, text, summary } = objectOf(verdict);
  const found = [own, text, summary].find((value) => typeof value === 'string');
  return typeof found === 'string' ? found : '';
}

function machineOf(environment: unknown): string {
  const { cpu, cores, versions } = objectOf(environment);
  if (typeof cpu !== 'string') return '';
  const { node, redis } = objectOf(versions);
  return `${cpu}, ${number(cores)} cores, Node ${String(node)}, Redis ${String(redis)}`;
}

/** The size of an effect: halving the cost is as large as doubling it. */
function sizeOf({ ratio }: BenchEffectView): number {
  return Math.abs(Math.log(ratio.median));
}

function readEffect(value: unknown): BenchEffectView | undefined {
  const effect = objectOf(value);
  const text = (name: string) => (typeof effect[name] === 'string' ? effect[name] : '');
  const ratio = estimate(effect.ratio);
  if (ratio === undefined || ratio.median <= 0 || text('cheaper') === 'none' || !SHOWN_FACTORS.has(text('factor')))
    return undefined;
  return { factor: text('factor'), work: text('block'), from: text('fromLabel'), to: text('toLabel'), ratio };
}

function readRow(value: unknown): BenchRowView | undefined {
  const row = objectOf(value);
  const text = (name: string) => (typeof row[name] === 'string' ? row[name] : '');
  const cpu = estimate(row.cpuSecondsPerMillion);
  // CPU time is unknown for an edge on another machine; such a row cannot be ranked.
  if (cpu === undefined) return undefined;
  const latency = objectOf(row.latencyMs);
  return {
    id: text('id'),
    rung: text('rung'),
    load: typeof row.load === 'number' ? `${row.load}` : text('load'),
    transport: text('transport'),
    codec: text('codec'),
    runtime: text('runtime'),
    mode: text('mode'),
    connections: number(row.connections),
    cpuSecondsPerMillion: cpu,
    throughput: number(row.throughput),
    p99Ms: typeof latency.p99 === 'number' ? latency.p99 : null,
    valid: row.valid === true,
  };
}

function estimate(value: unknown): { median: number; low: number; high: number } | undefined {
  const { median, low, high } = objectOf(value);
  return typeof median === 'number' ? { median, low: number(low), high: number(high) } : undefined;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function number(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}
