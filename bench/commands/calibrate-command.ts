import { findTool } from '../load/external/external-load.ts';
import { amount, range } from '../report/output/format.ts';
import { table } from '../report/output/markdown.ts';
import { calibrate, SHAPES } from '../runner/calibrate.ts';
import { prepareBench } from '../runner/prepare-bench.ts';
import { choosePlacement } from '../targets/process/placement.ts';

const ROUNDS = 8;
const SECONDS = 2;
const TOLERANCE = 0.05;

/** `npm run bench -- calibrate`; returns exit code 1 if the load generators differ by more than 5 %. */
export async function calibrateCommand(): Promise<number> {
  prepareBench();
  const placement = choosePlacement();
  const lines: string[][] = [];
  let apart = 0;
  for (const shape of SHAPES) {
    const found = findTool(shape.tool);
    if (!found.ok) {
      console.log(`${shape.tool} is not compared: ${found.reason}.`);
      continue;
    }
    const { own, external, ratio } = await calibrate(shape, { rounds: ROUNDS, seconds: SECONDS, placement });
    const isWithin = ratio !== null && Math.abs(ratio.median - 1) <= TOLERANCE;
    if (!isWithin) apart++;
    lines.push([
      shape.tool,
      `${shape.transport}, ${shape.connections} x ${shape.streams}`,
      amount(own),
      amount(external),
      ratio === null ? '-' : `${amount(ratio.median)} (${range(ratio.low, ratio.high)})`,
      isWithin ? 'yes' : 'NO',
    ]);
  }
  const head = ['beside', 'shape', 'CPU-s per million, own', 'external', 'own / external', 'within 5 %'];
  console.log(table(head, lines));
  return apart > 0 ? 1 : 0;
}
