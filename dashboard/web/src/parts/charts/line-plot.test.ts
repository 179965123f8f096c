import { expect, test } from 'vitest';
import { niceTicks } from './line-plot.tsx';

test('ticks have round steps and cover the highest value', () => {
  expect(niceTicks(1)).toStrictEqual([0, 0.5, 1]);
  expect(niceTicks(37)).toStrictEqual([0, 10, 20, 30, 40]);
  expect(niceTicks(0.3)).toStrictEqual([0, 0.1, 0.2, 0.3]);
  expect(niceTicks(980_000)).toStrictEqual([0, 500_000, 1_000_000]);
});
