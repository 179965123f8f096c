import { isInstalled } from '../load/external/external-drive.ts';
import { percent } from '../report/format.ts';
import { table } from '../report/markdown.ts';
import { calibrate } from '../runner/calibrate.ts';
import { choosePlacement } from '../targets/placement.ts';

/** `npm run bench -- calibrate`; returns the exit code: 1 where the drivers differ by more than 5 %. */
export async function calibrateCommand(): Promise<number> {
  const placement = choosePlacement();
  const lines: string[][] = [];
  let apart = 0;
  for (const tool of ['wrk', 'h2load'] as const) {
    if (!isInstalled(tool)) {
      console.log(`${tool} is not installed: not compared (Debian: apt-get install wrk nghttp2-client).`);
      continue;
    }
    for (const result of await calibrate(tool, { connections: [4, 16, 64], rounds: 5, seconds: 1, placement })) {
      const { connections, own, foreign, ratio, within } = result;
      const counts = [own, foreign].map((value) => Math.round(value).toLocaleString('en'));
      lines.push([tool, `${connections}`, ...counts, percent(ratio - 1), within ? 'held' : 'MISSED']);
      if (!within) apart++;
    }
  }
  console.log(table(['beside', 'connections', 'own, replies/s', 'its, replies/s', 'difference', 'within 5 %'], lines));
  return apart > 0 ? 1 : 0;
}
