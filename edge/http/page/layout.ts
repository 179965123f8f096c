import { html, raw } from 'hono/html';
import type { EdgeContext } from '../edge-env.ts';
import type { PageAssets } from './assets.ts';
import { messagesFor } from './messages/messages-for.ts';

export interface Page {
  readonly title: string;
  /** The `<main>` element. */
  readonly main: unknown;
  /** CSS of this page only. Must not contain user input. */
  readonly style?: string;
  /** Whether the page loads the script that updates its counts. */
  readonly live?: boolean;
}

/** Answers with an uncacheable page. Its inline style is allowed by the nonce in the security headers. */
export async function renderPage(c: EdgeContext, assets: PageAssets, page: Page, status = 200): Promise<Response> {
  const messages = messagesFor(c);
  const nonce = c.get('secureHeadersNonce');
  const style = page.style === undefined ? '' : html`<style nonce="${nonce}">${raw(page.style)}</style>`;
  const script = page.live === true ? html`<script src="${assets.address('vote.js')}" defer></script>` : '';
  const body = await html`<!doctype html>
<html lang="${messages.language}">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${page.title}</title>
    <link rel="icon" href="${assets.address('votewire.svg')}">
    <link rel="stylesheet" href="${assets.address('vote.css')}">
    ${style}${script}
  </head>
  <body>
    <header>
      <a class="brand" href="/">
        <svg viewBox="0 0 32 32" aria-hidden="true"><path class="http" d="M3 9h7c6 0 5 7 11 7"/><path class="grpc" d="M3 23h7c6 0 5-7 11-7"/><circle cx="25" cy="16" r="3.6"/></svg>
        Votewire
      </a>
    </header>
    ${page.main}
    <footer>${messages.cookie}</footer>
  </body>
</html>
`;
  const headers = { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store', vary: 'accept-language' };
  return new Response(`${body}`, { status, headers });
}
