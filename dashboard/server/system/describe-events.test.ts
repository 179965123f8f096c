import { expect, test } from 'vitest';
import type { ProcessEvent } from '../../../store/monitoring/process-events.ts';
import type { ConsumerView } from '../../../store/monitoring/system.ts';
import { describeEvents } from './describe-events.ts';

const event = (at: number, change: ProcessEvent['change'], name = 'c1'): ProcessEvent => {
  return { at, role: 'Consumer', name, change, since: '' };
};
const pending = (count: number) =>
  [{ name: 'c1', alive: false, pending: { tally: count, log: 0 } }] as unknown as ConsumerView[];
const textsOf = (...given: Parameters<typeof describeEvents>) => describeEvents(...given).map(({ text }) => text);

test('the event of a silent consumer is bad, and names who claimed how many of its entries', () => {
  const claims = [
    { id: '4', at: 21_000, by: 'c3', from: 'c1', entries: 1 },
    { id: '3', at: 19_000, by: 'c2', from: 'c1', entries: 3 },
    { id: '2', at: 20_000, by: 'c3', from: 'c1', entries: 1 },
    // Claims from another consumer, and after an earlier silence of c1.
    { id: '1', at: 20_000, by: 'c4', from: 'c9', entries: 7 },
    { id: '0', at: 12_000, by: 'c4', from: 'c1', entries: 5 },
  ];
  const events = [
    event(22_000, 'stopped in order', 'c2'),
    event(20_000, 'fell silent'),
    event(15_000, 'reports again'),
    event(10_000, 'fell silent'),
  ];
  expect(describeEvents(events, claims, pending(0)).map(({ text, bad }) => [text, bad])).toStrictEqual([
    ['Consumer c2 shut down cleanly', false],
    ['Consumer c1 stopped reporting; its entries were claimed by c3 (2), c2 (3)', true],
    ['Consumer c1 reports again', false],
    ['Consumer c1 stopped reporting; its entries were claimed by c4 (5)', true],
  ]);
});

test('states how many entries are still pending', () => {
  const events = [event(20_000, 'fell silent')];
  expect(textsOf(events, [], pending(1))).toStrictEqual(['Consumer c1 stopped reporting; 1 entry not claimed yet']);
  const claims = [{ id: '1', at: 21_000, by: 'c2', from: 'c1', entries: 3 }];
  expect(textsOf(events, claims, pending(2))).toStrictEqual([
    'Consumer c1 stopped reporting; its entries were claimed by c2 (3); 2 entries not claimed yet',
  ]);
  expect(textsOf(events, [], pending(0))).toStrictEqual(['Consumer c1 stopped reporting']);
});
