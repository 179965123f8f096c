import { html, raw } from 'hono/html';
import type { Contest, ContestStatus } from '../../../store/contests/contest.ts';
import type { Messages } from './messages/messages.ts';

interface ListedContest {
  readonly contest: Contest;
  readonly status: ContestStatus;
}

/** The `<main>` of the first page: a form for a short code, and the contests. */
export function indexMain(listed: readonly ListedContest[], messages: Messages, isUnknownCode = false) {
  const rows = listed.map(
    ({ contest, status }, row) => html`<li><a class="contest ${status}" href="/c/${contest.id}">
      <b>${contest.title}</b> <span><span class="status">${messages.status[status]}</span> ${messages.options(contest.options.length)}</span>
      <span class="colours" aria-hidden="true">${contest.options.map((_, index) => html`<i class="c${row}o${index}"></i>`)}</span>
    </a></li>`,
  );
  return html`<main>
  <h1>${messages.vote}</h1>
  <p class="lede">${rows.length === 0 ? messages.noContests : messages.chooseContest}</p>
  <form class="code" action="/" method="get">
    <label for="code">${messages.code}</label>
    <input id="code" name="code" required maxlength="9" autocomplete="off" autocapitalize="characters" spellcheck="false"${
      isUnknownCode ? raw(' aria-invalid="true" aria-describedby="code-problem"') : ''
    }>
    <button>${messages.goToCode}</button>
    ${isUnknownCode ? html`<p class="notice warn" id="code-problem" role="alert">${messages.unknownCode}</p>` : ''}
  </form>
  <ul class="contests">${rows}</ul>
</main>`;
}

/** Open contests first, closed ones last. */
export function inOrder(listed: readonly ListedContest[]): readonly ListedContest[] {
  return listed.toSorted((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status));
}

const ORDER: readonly ContestStatus[] = ['open', 'paused', 'scheduled', 'closed'];

export function indexStyle(listed: readonly ListedContest[]): string {
  return listed
    .flatMap(({ contest }, row) => contest.options.map(({ colour }, index) => `.c${row}o${index}{--colour:${colour}}`))
    .join('');
}
