import { html } from 'hono/html';
import { errorRow } from '../../../http/error-table.ts';
import type { Problem } from '../../../http/problem.ts';
import { problemReply } from '../../../http/problem-reply.ts';
import type { EdgeContext } from '../edge-env.ts';
import type { PageAssets } from './assets.ts';
import { renderPage } from './layout.ts';

/** A problem as a page for browsers, with its status, its headers and a link back. */
export async function problemPage(
  c: EdgeContext,
  assets: PageAssets,
  problem: Problem,
  back: string,
): Promise<Response> {
  const { http, title } = errorRow(problem.code);
  const main = html`<main>
  <h1>${title}</h1>
  <p class="lede">${problem.detail}.</p>
  <p><a href="${back}">Back to the vote</a></p>
</main>`;
  const response = await renderPage(c, assets, { title, main }, http);
  for (const [name, value] of Object.entries(problemReply(problem).headers ?? {})) response.headers.set(name, value);
  return response;
}
