import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { BenchReportView } from '../../api/bench.ts';
import { viewReport } from './read-report.ts';

const ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;
const MAX_REPORTS = 50;
/** The report that the figures in the documentation come from; `npm run bench -- --inject` writes it. */
const PUBLISHED = new URL('published/report.json', import.meta.url);
const PUBLISHED_ID = 'published';

/**
 * Lists the reports of the bench, newest first, and the published one. Skips unreadable ones, which may be incomplete.
 */
export async function listBenchReports(folder: string, published = PUBLISHED): Promise<BenchReportView[]> {
  const names = await readdir(folder).catch(() => []);
  const ids = names.filter((name) => ID.test(name) && name !== PUBLISHED_ID).sort();
  const own = await Promise.all(ids.slice(-MAX_REPORTS).map((id) => readOwn(folder, id)));
  const shipped = await readReport(published, { id: PUBLISHED_ID, published: true, hasHtml: false });
  return [...own.reverse(), shipped].filter((report) => report !== undefined);
}

/** The HTML page of a report, with a link back to the dashboard; undefined if there is no such report. */
export async function readBenchHtml(folder: string, id: string): Promise<string | undefined> {
  if (!ID.test(id)) return undefined;
  const html = await readFile(join(folder, id, 'report.html'), 'utf8').catch(() => undefined);
  return html?.replace('<body><main>', '<body><main><p><a href="/bench">Back to the dashboard</a></p>');
}

async function readOwn(folder: string, id: string): Promise<BenchReportView | undefined> {
  const hasHtml = await stat(join(folder, id, 'report.html')).then(
    (found) => found.isFile(),
    () => false,
  );
  return readReport(join(folder, id, 'report.json'), { id, published: false, hasHtml });
}

async function readReport(
  file: string | URL,
  own: Pick<BenchReportView, 'id' | 'published' | 'hasHtml'>,
): Promise<BenchReportView | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return viewReport(JSON.parse(text) as Record<string, unknown>, own);
  } catch {
    // Not JSON (yet).
    return undefined;
  }
}
