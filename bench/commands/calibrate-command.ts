import { isInstalled } from '../load/external/external-drive.ts';
import { amount, percent } from '../report/output/format.ts';
import { table } from '../report/output/markdown.ts';
import { calibrate } from '../runner/calibrate.ts';
import { prepareBench } from '../runner/prepare-bench.ts';
import { choosePlacement } from '../targets/process/placement.ts';

/** `npm run bench -- calibrate`; returns exit code 1 if the load generators differ by more than 5 %. */
export async function calibrateCommand(): Promise<number> {
  prepareBench();
  const placement = choosePlacement();
  const lines: string[][] = [];
  let apart = 0;
  for (const tool of ['wrk', 'h2load'] as const) {
    if (!isInstalled(tool)) {
      console.log(`${tool} is not installed: not compared (Debian: apt-get install wrk nghttp2-client).`);
      continue;
    }
    for (const result of await calibrate(tool, { rounds: 6, seconds: 1, placement })) {
      const { transport, connections, streams, own, external, ratio, within } = result;
      const shape = `${transport}, ${connections} x ${streams}`;
      lines.push([tool, shape, amount(own), amount(external), percent(ratio - 1), within ? 'yes' : 'NO']);
      if (!within) apart++;
    }
  }
  const head = ['beside', 'shape', 'CPU-s per million, own', 'external', 'difference', 'within 5 %'];
  console.log(table(head, lines));
  return apart > 0 ? 1 : 0;
}
