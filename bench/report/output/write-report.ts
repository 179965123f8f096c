import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../../targets/process/runtimes.ts';
import { toHtml } from '../html/page.ts';
import type { Report } from '../report.ts';
import { toMarkdown } from './markdown.ts';

/** Writes report.json, report.md and report.html; returns the folder. */
export async function writeReport(report: Report, folder = defaultFolder(report)): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'report.md'), toMarkdown(report));
  await writeFile(join(folder, 'report.html'), toHtml(report));
  // Written last, because a folder with report.json is listed as a report.
  await writeFile(join(folder, 'report.json'), `${JSON.stringify(report, null, 1)}\n`);
  return folder;
}

function defaultFolder({ createdAt }: Report): string {
  return join(ROOT, 'bench', 'results', createdAt.slice(0, 19).replaceAll(':', '-'));
}
