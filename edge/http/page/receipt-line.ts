import { html } from 'hono/html';
import type { VoteReceipt } from '../../receipts/read-receipt.ts';
import type { Messages } from './messages/messages.ts';

/** The outcome of a vote, and the processes that handled it. The page's script polls while it is `queued`. */
export function receiptLine({ receipt, status, edge, consumer }: VoteReceipt, { language, receipts }: Messages) {
  const parts = [
    receipts.statuses[status],
    edge === undefined ? '' : receipts.acceptedBy(edge),
    consumer === undefined ? '' : receipts.countedBy(consumer),
  ];
  const text = new Intl.ListFormat(language, { type: 'unit', style: 'long' }).format(parts.filter(Boolean));
  return html`<p class="receipt" data-status="${status}"><a href="/v1/receipts/${receipt}">${receipts.name}</a>: ${text}.</p>`;
}
