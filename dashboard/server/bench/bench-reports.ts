import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { BenchReportView, BenchRowView } from '../../api/bench.ts';

const ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;
const MAX_REPORTS = 50;
const NO_VERDICT = 'No verdict: this report has fewer than two rows to compare.';

/** Lists the reports of the bench, newest first. Unreadable reports are left out: they may be half written. */
export async function listBenchReports(folder: string): Promise<BenchReportView[]> {
  const names = await readdir(folder).catch(() => []);
  const ids = names.filter((name) => ID.test(name)).sort();
  const reports = await Promise.all(ids.slice(-MAX_REPORTS).map((id) => readReport(folder, id)));
  return reports.filter((report) => report !== undefined).reverse();
}

/** The HTML page of a report; undefined if there is no such report. */
export async function readBenchHtml(folder: string, id: string): Promise<string | undefined> {
  if (!ID.test(id)) return undefined;
  return readFile(join(folder, id, 'report.html'), 'utf8').catch(() => undefined);
}

async function readReport(folder: string, id: string): Promise<BenchReportView | undefined> {
  const text = await readFile(join(folder, id, 'report.json'), 'utf8').catch(() => undefined);
  const hasHtml = await stat(join(folder, id, 'report.html')).then(
    (found) => found.isFile(),
    () => false,
  );
  if (text === undefined) return undefined;
  try {
    const report = JSON.parse(text) as Record<string, unknown>;
    const verdict = Array.isArray(report.verdict) ? report.verdict : [];
    const rows = Array.isArray(report.rows) ? report.rows : [];
    return {
      id,
      valid: report.valid === true,
      verdict: [...(hasVerdict(verdict) ? [] : [NO_VERDICT]), ...verdict.map(sentence)].filter((line) => line !== ''),
      rows: rows.map(readRow).filter((row) => row !== undefined),
      hasHtml,
    };
  } catch {
    // Not JSON (yet).
    return undefined;
  }
}

/** Cautions alone, which a stopped run leaves, do not say which path wins. */
function hasVerdict(lines: readonly unknown[]): boolean {
  return lines.some((line) => typeof line === 'string' || (line as { kind?: unknown } | null)?.kind !== 'caution');
}

/** A verdict is a sentence, or an object with one. */
function sentence(verdict: unknown): string {
  if (typeof verdict === 'string') return verdict;
  const { sentence: own, text, summary } = (verdict ?? {}) as Record<string, unknown>;
  const found = [own, text, summary].find((value) => typeof value === 'string');
  return typeof found === 'string' ? found : '';
}

function readRow(value: unknown): BenchRowView | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const row = value as Record<string, unknown>;
  const text = (name: string) => (typeof row[name] === 'string' ? row[name] : '');
  const cpu = (row.cpuSecondsPerMillion ?? {}) as Record<string, unknown>;
  // A row without CPU time cannot be ranked: it cannot be read of an edge on another machine.
  if (typeof cpu.median !== 'number') return undefined;
  const latency = (row.latencyMs ?? {}) as Record<string, unknown>;
  return {
    id: text('id'),
    rung: text('rung'),
    payload: text('payload'),
    load: typeof row.load === 'number' ? `${row.load}` : text('load'),
    transport: text('transport'),
    codec: text('codec'),
    runtime: text('runtime'),
    mode: text('mode'),
    connections: number(row.connections),
    cpuSecondsPerMillion: { median: number(cpu.median), low: number(cpu.low), high: number(cpu.high) },
    throughput: number(row.throughput),
    p99Ms: typeof latency.p99 === 'number' ? latency.p99 : null,
    valid: row.valid === true,
  };
}

function number(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}
