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

/** A report of this version may be older than some of its fields. */
function withNewerFields(report: Report): Report {
  const rows = report.rows.map((row) => ({ ...row, driver: row.driver ?? report.settings.driver }));
  return { ...report, rows, codecs: report.codecs ?? [], yardstickMs: report.yardstickMs ?? [] };
}

/** The report of a file; a string says why there is none. */
export async function readReport(file: string): Promise<Report | string> {
  try {
    const report = JSON.parse(await readFile(file, 'utf8')) as Partial<Report>;
    if (report.version === REPORT_VERSION) return withNewerFields(report as Report);
    return `${file} is a report of version ${String(report.version)}; this bench reads version ${REPORT_VERSION}`;
  } catch (error) {
    // The name came from the command line: what is wrong with it is the answer.
    return `${file}: ${error instanceof Error ? error.message : String(error)}`;
  }
}
