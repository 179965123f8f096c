import { html } from 'hono/html';
import type { Contest, ContestStatus } from '../../../store/contests/contest.ts';

interface ListedContest {
  readonly contest: Contest;
  readonly status: ContestStatus;
}

const STATUS = { open: 'Open', scheduled: 'Opens later', closed: 'Closed' } as const;

/** The `<main>` of the first page: the contests. */
export function indexMain(listed: readonly ListedContest[]) {
  const rows = listed.map(
    ({ contest, status }, row) => html`<li><a class="contest ${status}" href="/c/${contest.id}">
      <b>${contest.title}</b> <span><span class="status">${STATUS[status]}</span> ${contest.options.length} options</span>
      <span class="colours" aria-hidden="true">${contest.options.map((_, index) => html`<i class="c${row}o${index}"></i>`)}</span>
    </a></li>`,
  );
  return html`<main>
  <h1>Vote</h1>
  <p class="lede">${rows.length === 0 ? 'There are no contests yet.' : 'Choose a contest. One tap is a vote.'}</p>
  <ul class="contests">${rows}</ul>
</main>`;
}

/** Open contests first, closed ones last. */
export function inOrder(listed: readonly ListedContest[]): readonly ListedContest[] {
  return listed.toSorted((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status));
}

const ORDER: readonly ContestStatus[] = ['open', 'scheduled', 'closed'];

export function indexStyle(listed: readonly ListedContest[]): string {
  return listed
    .flatMap(({ contest }, row) => contest.options.map(({ colour }, index) => `.c${row}o${index}{--colour:${colour}}`))
    .join('');
}
