import { html } from 'hono/html';
import type { VoteReceipt } from '../../receipts/read-receipt.ts';
import type { EdgeContext } from '../edge-env.ts';
import type { PageAssets } from './assets.ts';
import { renderPage } from './layout.ts';
import { messagesFor } from './messages/messages-for.ts';
import { receiptLine } from './receipt-line.ts';

/** A receipt as a page, with a link back to its contest. */
export async function receiptPage(c: EdgeContext, assets: PageAssets, receipt: VoteReceipt): Promise<Response> {
  const messages = messagesFor(c);
  const { receipts, back, allContests } = messages;
  const main = html`<main>
  <h1>${receipts.name}</h1>
  ${receiptLine(receipt, messages)}
  <p class="lede">${receipts.secret}</p>
  <p>${receipt.contest === undefined ? html`<a href="/">${allContests}</a>` : html`<a href="/c/${receipt.contest}">${back}</a>`}</p>
</main>`;
  const response = await renderPage(c, assets, { title: receipts.name, main });
  response.headers.set('vary', 'accept, accept-language');
  return response;
}
