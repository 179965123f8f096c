import { expect, test } from 'vitest';
import type { Contest } from '../../../store/contests/contest.ts';
import { exportedResults, resultsCsv } from './results-export.ts';

const contest: Contest = {
  id: 'lunch',
  title: 'Lunch, today',
  rule: 'open',
  options: [
    { id: 'soup', label: '=Soup', colour: '#000000', attributes: {} },
    { id: 'salad', label: 'Salad', colour: '#000000', attributes: {} },
    { id: 'bread', label: '猫 "Brot"', colour: '#000000', attributes: {} },
  ],
  opensAt: null,
  closesAt: null,
  hidden: false,
};
const results = {
  contest: 'lunch',
  status: 'open' as const,
  version: 3,
  total: 4,
  voters: 4,
  changed: 0,
  countedUpTo: '2026-03-01T12:00:00.000Z',
  options: [
    { id: 'soup', label: '=Soup', count: 1 },
    { id: 'salad', label: 'Salad', count: 2 },
    { id: 'bread', label: 'Brot', count: 1 },
  ],
};

test('options keep their order, and equal counts share a place', () => {
  const exported = exportedResults(contest, results, '2026-03-01T12:00:01.000Z');
  expect(exported.options.map(({ id, place, share }) => [id, place, share])).toStrictEqual([
    ['soup', 2, 0.25],
    ['salad', 1, 0.5],
    ['bread', 2, 0.25],
  ]);
  const empty = exportedResults(contest, { ...results, total: 0, options: [] }, '2026-03-01T12:00:01.000Z');
  expect(empty.options.map(({ share, place }) => [share, place])).toStrictEqual(Array(3).fill([0, 1]));
});

test('CSV quotes labels and contains no formula', () => {
  const lines = resultsCsv([exportedResults(contest, results, '2026-03-01T12:00:01.000Z')]).split('\r\n');
  expect(lines[0]).toBe('contest,title,option,label,count,share,place,total,status,countedUpTo');
  expect(lines[1]).toBe(`lunch,"Lunch, today",soup,'=Soup,1,0.250000,2,4,open,2026-03-01T12:00:00.000Z`);
  expect(lines[3]).toContain('"猫 ""Brot""",1');
  expect(lines.length).toBe(5);
});
