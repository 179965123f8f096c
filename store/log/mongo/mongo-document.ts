import { Binary, Long } from 'mongodb';
import { BLANK_VOTE } from '../blank-vote.ts';
import type { EntryKey, LogEntry, LogEntryVote, LoggedVote } from '../log-store.ts';
import { type LogFilter, voteMatches } from '../reads/vote-filter.ts';

/** One stream entry in the collection `entries`. */
export interface LogDocument {
  /** `p<partition>:<epoch>:<entry id>`, with `#<content hash>` appended for an entry with conflicting content. */
  _id: string;
  /** Milliseconds since 1970 in 15 digits, a colon and `_id`: a unique field that sorts by time. */
  order: string;
  partition: number;
  epoch: string;
  entryId: string;
  path: LogEntry['path'];
  edge: string;
  receivedAt: Date;
  hash: Binary;
  count: number;
  votes: VoteDocument[];
}

interface VoteDocument {
  contest: string;
  choice: string;
  /** The voter key in base64url, as in the APIs, so that a value from there can be searched for. */
  voter: string;
  attributes?: Record<string, string>;
  voteId?: string;
  sequence?: number | Long;
}

/** The id of an entry's first document. */
export function documentId({ partition, epoch, entryId }: EntryKey): string {
  return `p${partition}:${epoch}:${entryId}`;
}

export function toDocument(entry: LogEntry): LogDocument {
  return withId(documentId(entry), {
    partition: entry.partition,
    epoch: entry.epoch,
    entryId: entry.entryId,
    path: entry.path,
    edge: entry.edge,
    receivedAt: entry.receivedAt,
    hash: new Binary(entry.contentHash),
    count: entry.votes.length,
    votes: entry.votes.map(toVoteDocument),
  });
}

/** The second document of an entry whose key exists with different content. A repeat of it has the same id. */
export function conflictDocument(document: LogDocument): LogDocument {
  const { _id, order, ...rest } = document;
  return withId(`${_id}#${Buffer.from(document.hash.value()).toString('hex')}`, rest);
}

/** The prefix of `order` for entries received at `ms`. */
export function orderAt(ms: number): string {
  return String(Math.max(0, ms)).padStart(15, '0');
}

/** The matching votes of a document, in order of their index. */
export function votesOf(document: LogDocument, filter: LogFilter): LoggedVote[] {
  const { partition, epoch, entryId, path, edge, receivedAt } = document;
  const votes: LoggedVote[] = [];
  for (const [index, stored] of document.votes.entries()) {
    const vote = fromVoteDocument(stored);
    if (voteMatches(vote, filter)) votes.push({ partition, epoch, entryId, index, path, edge, receivedAt, ...vote });
  }
  return votes;
}

/** A document's votes with those of one contest blanked; undefined if it has none. */
export function withoutContest({ votes }: LogDocument, contest: string): VoteDocument[] | undefined {
  if (!votes.some((vote) => vote.contest === contest)) return undefined;
  return votes.map((vote) => (vote.contest === contest ? toVoteDocument(BLANK_VOTE) : vote));
}

function withId(id: string, rest: Omit<LogDocument, '_id' | 'order'>): LogDocument {
  return { _id: id, order: `${orderAt(rest.receivedAt.getTime())}:${id}`, ...rest };
}

function toVoteDocument(vote: LogEntryVote): VoteDocument {
  const document: VoteDocument = { contest: vote.contest, choice: vote.choice, voter: voterText(vote.voter) };
  // Most votes lack these fields, so they are stored only if present.
  for (const _ in vote.attributes) {
    document.attributes = { ...vote.attributes };
    break;
  }
  if (vote.voteId !== '') document.voteId = vote.voteId;
  // The driver would store a number over 2^31 as a double.
  if (vote.sequence !== 0) document.sequence = Long.fromNumber(vote.sequence);
  return document;
}

function fromVoteDocument(document: VoteDocument): LogEntryVote {
  return {
    contest: document.contest,
    choice: document.choice,
    voter: new Uint8Array(Buffer.from(document.voter, 'base64url')),
    attributes: document.attributes ?? {},
    voteId: document.voteId ?? '',
    sequence: Number(document.sequence ?? 0),
  };
}

export function voterText(voter: Uint8Array): string {
  return Buffer.from(voter.buffer, voter.byteOffset, voter.length).toString('base64url');
}
