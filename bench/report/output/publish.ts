import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ROOT } from '../../targets/process/runtimes.ts';
import type { Report } from '../report.ts';
import { injectHeadline } from './inject.ts';

/** The report with the documentation's figures, which ships with the dashboard. */
export const PUBLISHED_REPORT = join(ROOT, 'dashboard', 'server', 'bench', 'published', 'report.json');

/** A report without the data that only its own pages need: single windows, histograms and the ratio of each pass. */
export function compactReport(report: Report): object {
  const { version, createdAt, valid, busy, invalid, settings, environment, verdict } = report;
  const rows = report.rows.map(({ rounds, histogram, normalizedCpuSecondsPerMillion, rawLatencyMs, ...row }) => row);
  const effects = report.effects.map(({ ratios, ...effect }) => effect);
  return { version, createdAt, valid, busy, invalid, settings, environment, verdict, rows, effects };
}

/**
 * Puts a report into the documentation and the dashboard.
 *
 * @throws {Error} without writing anything, if the report must not be published, or the README has no markers
 */
export async function publishReport(report: Report): Promise<void> {
  await injectHeadline(report, join(ROOT, 'README.md'));
  await mkdir(dirname(PUBLISHED_REPORT), { recursive: true });
  await writeFile(PUBLISHED_REPORT, `${JSON.stringify(compactReport(report))}\n`);
}
