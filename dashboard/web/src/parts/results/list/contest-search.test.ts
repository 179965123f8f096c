import { expect, test } from 'vitest';
import type { ContestSummary } from '../../../../../api/contests.ts';
import { orderContests, searchContests } from './contest-search.ts';

const contest = (id: string, part: Partial<ContestSummary> = {}): ContestSummary => ({
  id,
  title: id,
  rule: 'open',
  opensAt: null,
  closesAt: null,
  hidden: false,
  status: 'open',
  resultsHidden: false,
  optionCount: 2,
  activeAt: null,
  ...part,
});

test('open contests come first, the most recently active at the top', () => {
  const ordered = orderContests([
    contest('closed', { status: 'closed', activeAt: '2026-01-02T00:00:00.000Z' }),
    contest('later', { status: 'scheduled' }),
    contest('quiet'),
    contest('busy', { activeAt: '2026-01-01T00:00:00.000Z' }),
  ]);
  expect(ordered.map(({ id }) => id)).toStrictEqual(['busy', 'quiet', 'later', 'closed']);
});

test('a search ignores case and accents, and filters by status', () => {
  const all = [contest('cafe-o-te', { title: '¿Café o té?' }), contest('pets', { status: 'closed' })];
  const ids = (text: string, status: ContestSummary['status'] | '' = '') =>
    searchContests(all, { text, status }).map(({ id }) => id);
  expect(ids('CAFE')).toStrictEqual(['cafe-o-te']);
  expect(ids('té')).toStrictEqual(['cafe-o-te']);
  expect(ids('', 'closed')).toStrictEqual(['pets']);
  expect(ids('cafe', 'closed')).toStrictEqual([]);
});
