import { readFile } from 'node:fs/promises';
import { compareReports, comparisonText } from '../report/compare.ts';
import { REPORT_VERSION, type Report } from '../report/report.ts';

/** `npm run bench -- compare a.json b.json`; returns the exit code. */
export async function compareCommand(files: readonly string[]): Promise<number> {
  const [before, after] = files;
  if (before === undefined || after === undefined || files.length > 2) {
    console.error('compare needs two report.json files: npm run bench -- compare a.json b.json');
    return 2;
  }
  const reports = [await readReport(before), await readReport(after)];
  const [first, second] = reports;
  for (const report of reports) if (typeof report === 'string') console.error(report);
  if (!first || !second || typeof first === 'string' || typeof second === 'string') return 2;
  console.log(comparisonText(compareReports(first, second)));
  return 0;
}

const LEFT_OUT = { freshness: [], codecs: [], limits: [], repeated: [], yardstickMs: [] };

/** Readable versions; older ones have additional fields, which are ignored. */
const READABLE: ReadonlySet<unknown> = new Set([1, 2, REPORT_VERSION]);

/** Reads a report; returns the reason if it cannot be read. */
export async function readReport(file: string): Promise<Report | string> {
  try {
    const report = JSON.parse(await readFile(file, 'utf8')) as Partial<Report>;
    if (!READABLE.has(report.version)) {
      return `${file} is a report of version ${String(report.version)}; this bench reads ${[...READABLE].join(' and ')}`;
    }
    if (report.effects === undefined) return `${file} was written by an older bench: it has no effects. Measure again`;
    // A published report has only rows, effects and verdict, without windows.
    return { ...LEFT_OUT, ...report, version: REPORT_VERSION } as Report;
  } catch (error) {
    return `${file}: ${error instanceof Error ? error.message : String(error)}`;
  }
}
