import { expect, test } from 'vitest';
import { findProcessEvents, newestFirst, type ProcessEvent } from './process-events.ts';
import type { ConsumerView, SystemView } from './system.ts';

const NOW = Date.parse('2026-03-01T12:00:00.000Z');
const ago = (seconds: number) => new Date(NOW - seconds * 1000).toISOString();

const consumer = (name: string, startedAgo: number, reportedAgo: number): ConsumerView => ({
  name,
  ageMs: reportedAgo * 1000,
  alive: reportedAgo <= 5,
  startedAt: ago(startedAgo),
  reportedAt: ago(reportedAgo),
  details: {},
  pending: {},
});
const system = (...consumers: ConsumerView[]) => ({ consumers, edges: [] }) as unknown as SystemView;
const find = (view: SystemView, rest: { before?: SystemView; known?: ProcessEvent[]; answeredMs?: number } = {}) =>
  findProcessEvents({ before: undefined, known: [], answeredMs: 60_000, now: NOW, ...rest, view });
const shown = (events: readonly ProcessEvent[]) =>
  events.map(({ at, name, change }) => [name, change, (NOW - at) / 1000]);

test('starts, silences, returns and orderly stops are found once', () => {
  const view = system(consumer('a', 60, 1), consumer('b', 90, 20), consumer('old', 90_000, 1));
  const found = find(view);
  expect(shown(found)).toStrictEqual([
    ['b', 'fell silent', 20],
    ['a', 'started', 60],
    ['b', 'started', 90],
  ]);
  expect(find(view, { known: found })).toStrictEqual([]);

  // A second dashboard has no reading from before, and finds the same.
  const later = system(consumer('a', 60, 1), consumer('b', 90, 0), consumer('old', 90_000, 1));
  const back = find(later, { known: found, before: view });
  expect(shown(back)).toStrictEqual([['b', 'reports again', 0]]);
  expect(find(later, { known: found })).toStrictEqual(back);
  expect(find(later, { known: [...back, ...found].sort(newestFirst) })).toStrictEqual([]);

  const left = find(system(consumer('b', 90, 0)), { before: view, known: [...back, ...found] });
  expect(shown(left)).toStrictEqual([
    ['a', 'stopped in order', 0],
    ['old', 'stopped in order', 0],
  ]);
});

test('a silent process that is removed from the list did not stop in order', () => {
  expect(find(system(), { before: system(consumer('a', 90_000, 80_000)) })).toStrictEqual([]);
});

test('after a break of Redis, no process counts as silent before it could report', () => {
  const view = system(consumer('a', 60, 20));
  expect(shown(find(view, { answeredMs: 4000 }))).toStrictEqual([['a', 'started', 60]]);
  expect(shown(find(view, { answeredMs: 6000 }))).toContainEqual(['a', 'fell silent', 20]);
});
