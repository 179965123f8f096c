import { dirname } from 'node:path';
import { conclude } from '../report/build-report.ts';
import { unfitForInjection } from '../report/output/inject.ts';
import { publishReport } from '../report/output/publish.ts';
import { writeReport } from '../report/output/write-report.ts';
import { readReport } from './compare-command.ts';

/**
 * `npm run bench -- render report.json [--inject]`: derives effects and verdict again from the rows of a report and
 * writes its pages, for example after the bench has changed what it reports. Returns the exit code.
 */
export async function renderCommand(args: readonly string[]): Promise<number> {
  const [file, ...flags] = args;
  if (file === undefined || flags.some((flag) => flag !== '--inject')) {
    console.error('render needs a report.json: npm run bench -- render report.json [--inject]');
    return 2;
  }
  const report = await readReport(file);
  if (typeof report === 'string') {
    console.error(report);
    return 2;
  }
  if (report.rows.some(({ rounds }) => rounds === undefined)) {
    console.error(`${file} has no windows: render needs the report.json of a run, not a published one`);
    return 2;
  }
  const renewed = conclude(report);
  console.log(await writeReport(renewed, dirname(file)));
  if (!flags.includes('--inject')) return 0;
  const unfit = unfitForInjection(renewed);
  if (unfit !== undefined) {
    console.error(`${file}: ${unfit}`);
    return 1;
  }
  await publishReport(renewed);
  return 0;
}
