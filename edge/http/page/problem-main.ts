import { html } from 'hono/html';
import { errorRow } from '../../../http/error-table.ts';
import type { Problem } from '../../../http/problem.ts';

/** The `<main>` of a page that explains a problem, with a link back. */
export function problemMain(problem: Problem, back: string) {
  return html`<main>
  <h1>${errorRow(problem.code).title}</h1>
  <p class="lede">${problem.detail}.</p>
  <p><a href="${back}">Back to the vote</a></p>
</main>`;
}
