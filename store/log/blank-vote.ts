import type { LogEntryVote } from './log-store.ts';

/**
 * Replaces a vote that was removed with its contest. The other votes of the entry keep their indexes, which receipts
 * name; the entry keeps its key and hash, so that a repeat is recognized; and the totals still agree with the ledger.
 */
export const BLANK_VOTE: LogEntryVote = {
  contest: '',
  choice: '',
  voter: new Uint8Array(16),
  attributes: {},
  voteId: '',
  sequence: 0,
};

export function isBlank({ contest }: Pick<LogEntryVote, 'contest'>): boolean {
  return contest === '';
}
