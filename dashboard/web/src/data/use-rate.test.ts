import { expect, test } from 'vitest';
import { joinCounts, rates } from './use-rate.ts';

const T = 1_700_000_000_000;

test('converts a growing count to votes per second', () => {
  const counted = Array.from({ length: 7 }, (_, second) => [T + second * 1000, second * 10] as const);
  expect(rates(counted)).toStrictEqual([
    [T + 2000, 10],
    [T + 4000, 10],
    [T + 6000, 10],
  ]);
});

test('a recount to fewer votes does not give a negative rate', () => {
  expect(
    rates([
      [T, 100],
      [T + 2000, 40],
      [T + 4000, 60],
    ]),
  ).toStrictEqual([
    [T + 2000, 0],
    [T + 4000, 10],
  ]);
});

test("the server's history fills the gaps of the page", () => {
  const remembered = [0, 10, 20, 30, 40].map((count, second) => [T + second * 1000, count] as const);
  const seen = [
    [T - 1000, 0],
    [T + 500, 5],
    [T + 3900, 5],
    [T + 5000, 50],
  ] as const;
  const joined = joinCounts(remembered, seen, T + 5000);
  expect(joined.map(([, count]) => count)).toStrictEqual([0, 0, 10, 20, 30, 40, 50]);
  expect(joinCounts([], seen, T + 5000)).toStrictEqual(seen);
  // A server whose clock is ahead.
  expect(joinCounts(remembered, [], T + 1500)).toStrictEqual(remembered.slice(0, 2));
});

test('returns only the last five minutes, and no points without counts', () => {
  const counted = Array.from({ length: 1000 }, (_, second) => [T + second * 1000, second] as const);
  const [first] = rates(counted);
  expect(first?.[0] ?? 0).toBeGreaterThanOrEqual(T + 699_000);
  expect(rates([])).toStrictEqual([]);
});
