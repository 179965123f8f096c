import { findTool } from '../load/external/external-drive.ts';
import { amount, percent } from '../report/output/format.ts';
import { table } from '../report/output/markdown.ts';
import { calibrate } from '../runner/calibrate.ts';
import { prepareBench } from '../runner/prepare-bench.ts';
import { choosePlacement } from '../targets/process/placement.ts';

const HOW = {
  wrk: 'Debian: apt-get install wrk',
  h2load: 'Debian: apt-get install nghttp2-client',
  ghz: 'npm test builds it if Go is installed',
} as const;

/** `npm run bench -- calibrate`; returns exit code 1 if the load generators differ by more than 5 %. */
export async function calibrateCommand(): Promise<number> {
  prepareBench();
  const placement = choosePlacement();
  const lines: string[][] = [];
  let apart = 0;
  for (const tool of ['wrk', 'h2load', 'ghz'] as const) {
    if (findTool(tool) === undefined) {
      console.log(`${tool} is not installed: not compared (${HOW[tool]}).`);
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
