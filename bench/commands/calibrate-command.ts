import { findTool } from '../load/external/external-load.ts';
import { amount, range } from '../report/output/format.ts';
import { table } from '../report/output/markdown.ts';
import { calibrate, SHAPES } from '../runner/calibrate.ts';
import { prepareBench } from '../runner/prepare-bench.ts';
import type { Estimate } from '../statistics/median.ts';
import { choosePlacement } from '../targets/process/placement.ts';

const ROUNDS = 8;
const SECONDS = 2;
const TOLERANCE = 0.05;

/**
 * `npm run bench -- calibrate`; returns exit code 1 if the load generators differ by more than 5 %, 3 if the machine was
 * too busy to tell.
 */
export async function calibrateCommand(): Promise<number> {
  prepareBench();
  const placement = choosePlacement();
  const lines: string[][] = [];
  const answers: string[] = [];
  for (const shape of SHAPES) {
    const found = findTool(shape.tool);
    if (!found.ok) {
      console.log(`${shape.tool} is not compared: ${found.reason}.`);
      continue;
    }
    const { own, external, ratio } = await calibrate(shape, { rounds: ROUNDS, seconds: SECONDS, placement });
    const answer = isWithin(ratio);
    answers.push(answer);
    lines.push([
      shape.tool,
      `${shape.transport}, ${shape.connections} x ${shape.streams}`,
      amount(own),
      amount(external),
      ratio === null ? '-' : `${amount(ratio.median)} (${range(ratio.low, ratio.high)})`,
      answer,
    ]);
  }
  const head = ['beside', 'shape', 'CPU-s per million, own', 'external', 'own / external', 'within 5 %'];
  console.log(table(head, lines));
  if (answers.includes('NO')) return 1;
  return answers.includes('too busy to tell') ? 3 : 0;
}

function isWithin(ratio: Estimate | null): 'yes' | 'NO' | 'too busy to tell' {
  if (ratio === null) return 'too busy to tell';
  if (Math.abs(ratio.median - 1) <= TOLERANCE) return 'yes';
  return ratio.low > 1 + TOLERANCE || ratio.high < 1 - TOLERANCE ? 'NO' : 'too busy to tell';
}
