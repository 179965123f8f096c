import type { Block } from '../cells/blocks.ts';
import type { BenchOutcome } from '../runner/run-cells.ts';
import { effectsOf, halfWidth } from './effects.ts';
import { costRow } from './rows.ts';

/** Wanted half width of intervals, as a share of the more expensive level. */
export const WANTED_HALF_WIDTH = 0.05;

/** The blocks with an interval that is wider than wanted, the widest first. */
export function uncertainBlocks(blocks: readonly Block[], outcome: BenchOutcome): Block[] {
  const rows = blocks.flatMap(({ cells }) => cells).flatMap((cell) => costRow(cell, outcome) ?? []);
  const effects = effectsOf(rows);
  const widest = ({ name }: Block) =>
    Math.max(0, ...effects.filter(({ block }) => block === name).map(({ ratio }) => halfWidth(ratio)));
  return blocks.filter((block) => widest(block) > WANTED_HALF_WIDTH).toSorted((a, b) => widest(b) - widest(a));
}
