import type { Edge } from '../edge.ts';
import type { ReceiptState } from './receipt-lookup.ts';

/** The information about a vote that its receipt gives. */
export interface VoteReceipt extends ReceiptState {
  readonly receipt: string;
  /** The consumer that counted the vote. Undefined if the vote is not counted, or the consumer is no longer known. */
  readonly consumer: string | undefined;
}

type Readers = Pick<Edge, 'receipts' | 'lookUp' | 'countedBy'>;

/**
 * The state of a receipt's vote. Undefined for a receipt that was never issued, and for one whose vote was removed.
 * Rejects while Redis or the log is unavailable.
 */
export async function readReceipt(edge: Readers, receipt: string): Promise<VoteReceipt | undefined> {
  const place = edge.receipts.read(receipt);
  const state = place && (await edge.lookUp(place));
  if (place === undefined || state === undefined) return undefined;
  const isHandled = state.status !== 'queued' && state.status !== 'dead';
  return { receipt, ...state, consumer: isHandled ? await edge.countedBy(place) : undefined };
}
