import { expect, test } from 'vitest';
import type { DeadLetterItem } from '../../../../api/dead-letters.ts';
import { groupLetters } from './group-letters.ts';

const letter = (id: string, group: string, reason: string, votes = 2): DeadLetterItem => ({
  partition: 0,
  group,
  id,
  position: id,
  reason,
  firstFailure: '2026-03-01T12:00:00.000Z',
  lastFailure: `2026-03-01T12:00:0${votes}.000Z`,
  failures: 5,
  deliveries: 5,
  votes,
  field: 'b',
  bytes: 10,
});

test('groups letters by cause; an entry that failed in both groups is one entry', () => {
  const causes = groupLetters([
    letter('3-0', 'log', 'document of 17 MB is too large'),
    letter('1-0', 'tally', 'truncated field at byte 12', 3),
    letter('1-0', 'log', 'not a VoteBatch', 0),
    letter('2-0', 'tally', 'truncated field at byte 7'),
  ]);
  expect(causes.map(({ cause, entries, votes }) => [cause, entries.length, votes])).toStrictEqual([
    ['truncated field at byte #', 2, 5],
    ['document of # MB is too large', 1, 2],
  ]);
  expect(causes[0]?.entries[0]?.letters.map(({ group }) => group)).toStrictEqual(['tally', 'log']);
  expect(causes[0]?.lastFailure).toBe('2026-03-01T12:00:03.000Z');
});
