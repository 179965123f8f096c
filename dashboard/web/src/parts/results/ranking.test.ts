import { expect, test } from 'vitest';
import type { ContestView } from '../../../../api/contests.ts';
import { describeAttributes, rankOptions } from './ranking.ts';

const contest: ContestView = {
  id: 'bands',
  title: 'Bands',
  rule: 'open',
  options: ['a', 'b', 'c', 'd'].map((id) => ({ id, label: id.toUpperCase(), colour: '#000000', attributes: {} })),
  opensAt: null,
  closesAt: null,
  hidden: false,
  status: 'open',
  resultsHidden: false,
  tag: 'v1',
};

const results = (counts: Record<string, number>) => ({
  contest: 'bands',
  status: 'open' as const,
  version: 1,
  total: 0,
  voters: 0,
  changed: 0,
  countedUpTo: null,
  options: Object.entries(counts).map(([id, count]) => ({ id, label: id, count })),
});

test('the most voted option is first; equal counts share a place and keep their order', () => {
  const ranked = rankOptions(contest, results({ a: 1, b: 7, c: 1, d: 9, gone: 99 }));
  expect(ranked.map(({ id, place, count }) => [id, place, count])).toStrictEqual([
    ['d', 1, 9],
    ['b', 2, 7],
    ['a', 3, 1],
    ['c', 3, 1],
  ]);
});

test('without results every count is 0', () => {
  expect(rankOptions(contest, undefined).map(({ place, count }) => [place, count])).toStrictEqual([
    [1, 0],
    [1, 0],
    [1, 0],
    [1, 0],
  ]);
});

test('attributes are joined on one line without the rank', () => {
  expect(describeAttributes({ attributes: { album: 'Tona', year: '1996', rank: '7' } })).toBe('Tona · 1996');
});
