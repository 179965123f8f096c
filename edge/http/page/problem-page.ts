import { html } from 'hono/html';
import { errorRow } from '../../../http/error-table.ts';
import type { Problem } from '../../../http/problem.ts';
import { problemReply } from '../../../http/problem-reply.ts';
import type { EdgeContext } from '../edge-env.ts';
import type { PageAssets } from './assets.ts';
import { renderPage } from './layout.ts';
import { messagesFor } from './messages/messages-for.ts';

/** Renders a problem as a page, with its status, its headers and a link back. */
export async function problemPage(
  c: EdgeContext,
  assets: PageAssets,
  problem: Problem,
  back: string,
): Promise<Response> {
  const { http } = errorRow(problem.code);
  const messages = messagesFor(c);
  // Details are for programs: they name ids, limits and ISO times.
  const { title, text } = messages.problems[problem.code] ?? messages.problem;
  const main = html`<main>
  <h1>${title}</h1>
  <p class="lede">${text}</p>
  <p><a href="${back}">${back === '/' ? messages.allContests : messages.back}</a></p>
</main>`;
  const response = await renderPage(c, assets, { title, main }, http);
  for (const [name, value] of Object.entries(problemReply(problem).headers ?? {})) response.headers.set(name, value);
  return response;
}
