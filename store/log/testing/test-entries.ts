import { createHash } from 'node:crypto';
import type { LogEntry, LogEntryVote } from '../log-store.ts';

/** Entries for tests and benches of the log: by default one vote for cats, received at `TEST_TIME`. */
export const TEST_TIME = Date.parse('2026-03-01T12:00:00.000Z');

export interface TestEntry extends Partial<Omit<LogEntry, 'votes' | 'receivedAt'>> {
  /** After TEST_TIME, in milliseconds. */
  readonly at?: number;
  readonly votes?: readonly Partial<LogEntryVote>[];
}

export function testEntry(n: number, { at = n, votes = [{}], ...rest }: TestEntry = {}): LogEntry {
  const entry = {
    partition: 0,
    epoch: 'e1',
    entryId: `${TEST_TIME + n}-0`,
    path: 'http' as const,
    edge: 'edge-1',
    receivedAt: new Date(TEST_TIME + at),
    votes: votes.map((vote) => ({
      contest: 'cats-vs-dogs',
      choice: 'cats',
      voter: testVoter(`voter-${n}`),
      attributes: {},
      voteId: '',
      sequence: 0,
      ...vote,
    })),
    ...rest,
  };
  const { contentHash = createHash('sha256').update(JSON.stringify(entry.votes)).digest() } = rest;
  return { ...entry, contentHash };
}

/** A voter key. */
export function testVoter(name: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(name).digest().subarray(0, 16));
}
