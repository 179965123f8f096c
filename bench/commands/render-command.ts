import { dirname, join } from 'node:path';
import { injectHeadline, unfitForInjection } from '../report/inject.ts';
import { reachVerdict } from '../report/verdict/verdict.ts';
import { writeReport } from '../report/write-report.ts';
import { ROOT } from '../targets/runtimes.ts';
import { readReport } from './compare-command.ts';

/**
 * `npm run bench -- render report.json [--inject]`: reaches the verdict of a report anew, from its rows, and writes its
 * pages again, for when the bench has learnt to say more than it could when it measured. Returns the exit code.
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
  const renewed = { ...report, verdict: reachVerdict(report.rows, report.settings) };
  console.log(await writeReport(renewed, dirname(file)));
  if (!flags.includes('--inject')) return 0;
  const unfit = unfitForInjection(renewed);
  if (unfit !== undefined) {
    console.error(`${file}: ${unfit}`);
    return 1;
  }
  await injectHeadline(renewed, join(ROOT, 'README.md'));
  return 0;
}
