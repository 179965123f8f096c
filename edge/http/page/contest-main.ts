import { html } from 'hono/html';
import type { Contest, ContestOption, ContestStatus } from '../../../store/contests/contest.ts';
import type { Results } from '../../../store/tally/results.ts';

export interface ContestView {
  readonly contest: Contest;
  readonly status: ContestStatus;
  readonly hidden: boolean;
  /** Undefined if they are hidden or Redis is unavailable. */
  readonly results: Results | undefined;
  /** The option this browser voted for last. */
  readonly chosen: string | undefined;
  /** The outcome of the vote that was just cast. */
  readonly notice: Notice | undefined;
  /** Makes a double click harmless in an open contest. */
  readonly voteId: string;
}

export interface Notice {
  readonly text: string;
  readonly good: boolean;
}

/** The `<main>` of a contest's page. Each option is a button of one form. */
export function contestMain(view: ContestView) {
  const { contest, status, results, notice } = view;
  const two = contest.options.length === 2 ? 'two' : '';
  const options = contest.options.map((option, index) => html`<li>${optionCard(view, option, index)}</li>`);
  const voteId = contest.rule === 'open' ? html`<input type="hidden" name="vote_id" value="${view.voteId}">` : '';
  return html`<main data-contest="${contest.id}" data-status="${status}" data-results="${resultsOf(view)}">
  <h1>${contest.title}</h1>
  <p class="lede">${ledeOf(view)}</p>
  <div role="status">${notice && html`<p class="notice ${notice.good ? '' : 'warn'}">${notice.text}</p>`}</div>
  <form method="post" action="/v1/votes">
    <input type="hidden" name="contest" value="${contest.id}">${voteId}
    <fieldset>
      <legend class="hidden">${status === 'open' ? 'Choose one' : 'The options'}</legend>
      <ul class="options ${two}">${options}</ul>
    </fieldset>
  </form>
  ${results ? html`<p class="total"><b>${numbers.format(results.total)}</b> <span>${results.total === 1 ? 'vote' : 'votes'}</span></p>` : html`<p class="total">Results are shown later.</p>`}
</main>`;
}

/** Colors and shares of the options. Both are safe in CSS: colors are checked when a contest is saved. */
export function contestStyle({ contest, results }: ContestView): string {
  return contest.options
    .map(({ id, colour }, index) => `.o${index}{--colour:${colour};--share:${shareOf(results, id).toFixed(1)}}`)
    .join('');
}

/** What the page's script waits for: the next counts, the end of the contest, or Redis. */
function resultsOf(view: ContestView): 'shown' | 'hidden' | 'away' {
  if (view.results !== undefined) return 'shown';
  return view.hidden ? 'hidden' : 'away';
}

const numbers = new Intl.NumberFormat('en');

function optionCard(view: ContestView, option: ContestOption, index: number) {
  const { contest, status, results, chosen } = view;
  const isChosen = option.id === chosen;
  const { album, year } = option.attributes;
  const about = [album, year].filter(Boolean).join(', ');
  const count = results?.options.find(({ id }) => id === option.id)?.count ?? 0;
  const inside = html`<span class="fill"></span>${isChosen ? html`<span class="mine">Your vote</span>` : ''}<span
    class="name"><span class="label">${option.label}</span>${about && html`<span class="about">${about}</span>`}</span>${
      results
        ? html`<span class="share"><b>${Math.round(shareOf(results, option.id))} %</b><span>${numbers.format(count)}</span></span>`
        : ''
    }`;
  const classes = `option o${index}${isChosen ? ' chosen' : ''}`;
  return status === 'open'
    ? html`<button class="${classes}" name="choice" value="${option.id}" data-option="${option.id}" aria-pressed="${contest.rule === 'one-per-voter' ? `${isChosen}` : 'false'}">${inside}</button>`
    : html`<div class="${classes}" data-option="${option.id}">${inside}</div>`;
}

function shareOf(results: Results | undefined, id: string): number {
  const count = results?.options.find((option) => option.id === id)?.count ?? 0;
  return results === undefined || results.total === 0 ? 0 : (100 * count) / results.total;
}

function ledeOf({ contest, status, chosen }: ContestView): string {
  if (status === 'closed') return 'This vote is closed.';
  if (status === 'scheduled') return `This vote opens on ${formatTime(contest.opensAt)}.`;
  const until = contest.closesAt === null ? '' : ` until ${formatTime(contest.closesAt)}`;
  // With one option the contest is a counter.
  if (contest.rule === 'open' && contest.options.length === 1) return `Each tap counts one more${until}.`;
  if (contest.rule === 'open') return `Vote as often as you like${until}.`;
  return chosen === undefined ? `One vote each${until}.` : `You can change your vote${until}.`;
}

/** In UTC: the server does not know the voter's time zone. */
function formatTime(time: string | null): string {
  const format = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });
  return time === null ? '' : `${format.format(new Date(time))} UTC`;
}
