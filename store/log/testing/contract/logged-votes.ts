import { assert, expect } from 'vitest';
import type { LogEntry, LoggedVote, LogQuery, LogStore } from '../../log-store.ts';
import { testEntry, testVoter } from '../test-entries.ts';

/** Adds a test that gets its own log. */
export type Check = (title: string, body: (log: LogStore) => Promise<void>) => void;

/** Entries that differ in every field of a filter, including equal times and entries with several contests. */
export function mixedEntries(): LogEntry[] {
  return Array.from({ length: 30 }, (_, n) =>
    testEntry(n, {
      at: Math.floor(n / 2),
      partition: n % 4,
      path: (['http', 'grpc', 'connect'] as const)[n % 3] ?? 'http',
      votes: [
        { voter: testVoter(`voter-${n % 5}`), choice: n % 2 === 0 ? 'cats' : 'dogs' },
        { voter: testVoter(`voter-${n % 7}`), contest: 'bandas', choice: n % 2 === 0 ? 'dogs' : 'bohemia' },
        { voter: testVoter(`voter-${n % 11}`), choice: 'dogs' },
      ],
    }),
  );
}

export function range(from: number, to: number, votes = 1): LogEntry[] {
  return Array.from({ length: to - from }, (_, n) =>
    testEntry(from + n, { partition: (from + n) % 4, votes: Array.from({ length: votes }, () => ({})) }),
  );
}

export function matches(vote: LoggedVote, filter: Omit<LogQuery, 'limit'>): boolean {
  const at = vote.receivedAt.getTime();
  return (
    (filter.contest ?? vote.contest) === vote.contest &&
    (filter.choice ?? vote.choice) === vote.choice &&
    (filter.path ?? vote.path) === vote.path &&
    Buffer.compare(filter.voter ?? vote.voter, vote.voter) === 0 &&
    at >= (filter.since?.getTime() ?? at) &&
    at < (filter.until?.getTime() ?? at + 1)
  );
}

export function assertOrdered(votes: readonly LoggedVote[], sign: 1 | -1): void {
  for (const [index, vote] of votes.slice(1).entries()) {
    const before = votes[index];
    assert(before !== undefined && sign * (vote.receivedAt.getTime() - before.receivedAt.getTime()) >= 0);
    if (vote.entryId === before.entryId && vote.partition === before.partition) {
      expect(Math.sign(vote.index - before.index)).toBe(sign);
    }
  }
}

export function placeOf(vote: LoggedVote): string {
  return `${vote.partition} ${vote.epoch} ${vote.entryId} ${vote.index}`;
}

export async function all(log: LogStore, filter: Omit<LogQuery, 'limit'> = {}): Promise<LoggedVote[]> {
  const votes: LoggedVote[] = [];
  for await (const vote of log.scan(filter)) votes.push(vote);
  return votes;
}

export async function allPages(log: LogStore, query: LogQuery): Promise<LoggedVote[]> {
  const votes: LoggedVote[] = [];
  let cursor: string | undefined;
  do {
    const page = await log.page({ ...query, ...(cursor !== undefined && { cursor }) });
    expect(page.items.length).toBeLessThanOrEqual(query.limit);
    votes.push(...page.items);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return votes;
}
