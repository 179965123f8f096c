import { expect, test } from 'vitest';
import type { Results } from '../../../store/tally/results.ts';
import { OptionHistory } from './option-history.ts';

const START = Date.parse('2026-03-01T12:00:00.000Z');

function results(...counts: number[]): Results {
  const options = counts.map((count, index) => ({ id: `o${index}`, label: 'x', count }));
  const total = counts.reduce((sum, count) => sum + count, 0);
  const rest = { version: 1, voters: total, changed: 0, countedUpTo: null };
  return { contest: 'lunch', status: 'open', total, options, ...rest };
}

test('keeps each change of the last hour, and a point per minute before that', () => {
  const history = new OptionHistory();
  for (let second = 0; second <= 7200; second++) history.add(results(second, 1), START + second * 1000);
  const { options, points } = history.of('lunch');
  expect(options).toStrictEqual(['o0', 'o1']);
  expect(points.length).toBeLessThanOrEqual(300);
  expect(points.length).toBeGreaterThan(200);
  expect(points.at(-1)).toStrictEqual([START + 7_200_000, 7200, 1]);
  expect((points[0]?.[0] ?? 0) - START).toBeLessThan(20 * 60_000);
});

test('unchanged counts add one point per minute, and changed options restart the history', () => {
  const history = new OptionHistory();
  for (let second = 0; second < 180; second++) history.add(results(5), START + second * 1000);
  expect(history.of('lunch').points.length).toBe(3);
  history.add(results(5, 0), START + 200_000);
  expect(history.of('lunch').points).toStrictEqual([[START + 200_000, 5, 0]]);
  expect(history.of('lunch', START + 260_000).points.at(-1)).toStrictEqual([START + 260_000, 5, 0]);
  history.keepOnly(new Set());
  expect(history.of('lunch').points).toStrictEqual([]);
});
