import { html, raw } from 'hono/html';
import type { Contest, ContestOption, ContestStatus } from '../../../store/contests/contest.ts';
import type { Results } from '../../../store/tally/results.ts';
import type { VoteReceipt } from '../../receipts/read-receipt.ts';
import type { Messages } from './messages/messages.ts';
import { receiptLine } from './receipt-line.ts';

export interface ContestView {
  readonly contest: Contest;
  readonly status: ContestStatus;
  readonly hidden: boolean;
  /** Undefined if they are hidden or Redis is unavailable. */
  readonly results: Results | undefined;
  /** The option this browser voted for last. */
  readonly chosen: string | undefined;
  /** The outcome of the vote just cast. */
  readonly notice: Notice | undefined;
  /** Makes a double click count once in an open contest. */
  readonly voteId: string;
  readonly messages: Messages;
}

export interface Notice {
  readonly text: string;
  readonly good: boolean;
  readonly receipt: VoteReceipt | undefined;
}

/** The `<main>` of a contest's page. Each option is a button of one form. */
export function contestMain(view: ContestView) {
  const { contest, status, results, messages } = view;
  const two = contest.options.length === 2 ? 'two' : '';
  const options = contest.options.map(
    (option, index) => html`<li id="o-${option.id}">${optionCard(view, option, index)}</li>`,
  );
  const voteId = contest.rule === 'open' ? html`<input type="hidden" name="vote_id" value="${view.voteId}">` : '';
  return html`<main data-contest="${contest.id}" data-status="${status}" data-results="${resultsOf(view)}" data-texts="${JSON.stringify(messages.script)}">
  <h1>${contest.title}</h1>
  ${status === 'closed' && results ? html`<p class="winner">${winnerOf(results, messages)}</p>` : ''}
  <p class="lede">${ledeOf(view)}</p>
  <div role="status" id="notice">${noticeOf(view)}</div>
  <form method="post" action="/v1/votes">
    <input type="hidden" name="contest" value="${contest.id}">${voteId}
    <fieldset>
      <legend class="hidden">${status === 'open' ? messages.chooseOne : messages.allOptions}</legend>
      <ul class="options ${two}">${options}</ul>
    </fieldset>
  </form>
  ${totalOf(view)}
  <div id="receipt">${view.notice?.receipt ? receiptLine(view.notice.receipt, messages) : ''}</div>
</main>`;
}

/** Colors and shares of the options. Both are safe in CSS: colors are checked when a contest is saved. */
export function contestStyle({ contest, results }: ContestView): string {
  return contest.options
    .map(({ id, colour }, index) => `.o${index}{--colour:${colour};--share:${shareOf(results, id).toFixed(1)}}`)
    .join('');
}

/** Tells the page's script what to wait for: the next counts, the end of the contest, or Redis. */
function resultsOf(view: ContestView): 'shown' | 'hidden' | 'away' {
  if (view.results !== undefined) return 'shown';
  return view.hidden ? 'hidden' : 'away';
}

function noticeOf({ notice }: ContestView) {
  return notice === undefined ? '' : html`<p class="notice ${notice.good ? '' : 'warn'}">${notice.text}</p>`;
}

function totalOf({ results, hidden, status, messages }: ContestView) {
  if (results === undefined) return html`<p class="total">${hidden ? messages.hidden : messages.unavailable}</p>`;
  const total = new Intl.NumberFormat(messages.language).format(results.total);
  const isEmpty = status === 'scheduled' && results.total === 0;
  return html`<p class="total"${isEmpty ? raw(' hidden') : ''}><b>${total}</b> <span>${messages.votes(results.total)}</span></p>`;
}

function winnerOf({ options, total }: Results, messages: Messages): string {
  if (total === 0) return messages.noVotes;
  const most = Math.max(...options.map(({ count }) => count));
  const first = options.filter(({ count }) => count === most);
  return first.length > 1 ? messages.tie : messages.winner(first[0]?.label ?? '');
}

function optionCard(view: ContestView, option: ContestOption, index: number) {
  const { contest, status, results, chosen, messages } = view;
  const isChosen = option.id === chosen;
  const { album, year } = option.attributes;
  const about = [album, year].filter(Boolean).join(', ');
  const count = results?.options.find(({ id }) => id === option.id)?.count ?? 0;
  const numbers = new Intl.NumberFormat(messages.language);
  const inside = html`<span class="fill"></span>${isChosen ? html`<span class="mine">${messages.yourVote}</span>` : ''}<span
    class="name"><span class="label">${option.label}</span>${about && html`<span class="about">${about}</span>`}</span>${
      results && status !== 'scheduled'
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

function ledeOf({ contest, status, chosen, messages }: ContestView) {
  if (status === 'closed') return messages.closed;
  if (status === 'paused') return messages.paused;
  if (status === 'scheduled') return html`${messages.opensAt} ${timeOf(contest.opensAt, 'opens', messages)}`;
  const rule =
    contest.rule === 'open'
      ? // A contest with one option is a counter.
        contest.options.length === 1
        ? messages.tapCounts
        : messages.voteOften
      : chosen === undefined
        ? messages.oneVote
        : messages.canChange;
  const until =
    contest.closesAt === null ? '' : html` ${messages.until} ${timeOf(contest.closesAt, 'closes', messages)}`;
  return html`${rule}${until}`;
}

/** Rendered in UTC; the script replaces it with the voter's time zone and a countdown. */
function timeOf(time: string | null, event: 'opens' | 'closes', { language }: Messages) {
  if (time === null) return '';
  const format = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });
  return html`<time datetime="${time}" data-event="${event}">${format.format(new Date(time))} UTC</time>`;
}
