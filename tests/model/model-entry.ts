import { createHash } from 'node:crypto';
import type { StreamEntry } from '../../consumer/group/stream-entry.ts';
import type { LogEntry } from '../../store/log/log-store.ts';
import { parseEntryId } from '../../store/streams/entry-id.ts';
import type { ModelVote } from './tally-model.ts';

/** The votes of an entry in the form that the tally gets; `nameOf` maps contests to their names in Redis. */
export function votesOf({ bytes }: StreamEntry, nameOf: (contest: ModelVote['contest']) => string) {
  return decode(bytes).map(({ contest, choice, voter, voteId, sequence }) => ({
    contest: nameOf(contest),
    choice,
    voter: Buffer.from(voter.padEnd(16)),
    voteId,
    sequence,
  }));
}

/** The entry in the form that the log gets. */
export function logEntryOf(
  entry: StreamEntry,
  epoch: string,
  nameOf: (contest: ModelVote['contest']) => string,
): LogEntry {
  return {
    partition: 0,
    epoch,
    entryId: positionOf(entry),
    path: 'http',
    edge: 'model',
    receivedAt: new Date(idOf(positionOf(entry)).ms),
    contentHash: createHash('sha256')
      .update(entry.bytes ?? '')
      .digest(),
    votes: votesOf(entry, nameOf).map((vote) => ({ ...vote, attributes: {} })),
  };
}

export function positionOf({ id, replay }: StreamEntry): string {
  return replay?.position ?? id;
}

export function idOf(text: string): { ms: number; n: number } {
  const id = parseEntryId(text);
  if (id === undefined) throw new Error(`${text} is no entry id`);
  return id;
}

function decode(bytes: Buffer | undefined): readonly ModelVote[] {
  return JSON.parse(`${bytes ?? '[]'}`) as ModelVote[];
}

export function countOf(bytes: Buffer | undefined): number {
  return decode(bytes).length;
}
