import { randomBytes } from 'node:crypto';
import { unknownContest } from '../../../http/common-problems.ts';
import type { Problem } from '../../../http/problem.ts';
import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import { contestStatus, resultsHidden } from '../../../store/contests/contest.ts';
import type { Edge } from '../../edge.ts';
import { readReceipt } from '../../receipts/read-receipt.ts';
import type { EdgeApp, EdgeContext } from '../edge-env.ts';
import type { EdgeHttp } from '../edge-http.ts';
import { FetchRequestView } from '../fetch-request-view.ts';
import { type ContestView, contestMain, contestStyle, type Notice } from './contest-main.ts';
import { indexMain, indexStyle, inOrder } from './index-main.ts';
import { renderPage } from './layout.ts';
import type { Messages } from './messages/messages.ts';
import { messagesFor } from './messages/messages-for.ts';
import { problemPage } from './problem-page.ts';

/**
 * `GET /` lists the contests, `GET /c/:id` is a vote page, and `GET /CODE` leads there. All work without JavaScript.
 */
export function mountVotePage(app: EdgeApp, http: EdgeHttp): void {
  const { edge, assets } = http;
  const byCode = (code: string) => edge.contests.findByCode(code.slice(0, 32))?.id;
  app.get('/', async (c) => {
    const code = c.req.query('code') ?? '';
    const found = byCode(code);
    if (found !== undefined) return c.redirect(`/c/${found}`);
    // A contest of one option is a counter, such as the one for visits.
    const choices = edge.contests.list().filter(({ options }) => options.length > 1);
    const listed = inOrder(
      choices.map((contest) => ({ contest, status: contestStatus(contest, edge.redisMonitor.now()) })),
    );
    const messages = messagesFor(c);
    const page = { title: messages.vote, main: indexMain(listed, messages, code !== ''), style: indexStyle(listed) };
    return await renderPage(c, assets, page, code === '' ? 200 : 404);
  });
  app.get('/:code{[2-9A-Za-z]{6}}', (c) => {
    const { code } = c.req.param();
    const found = byCode(code);
    return c.redirect(found === undefined ? `/?code=${code}` : `/c/${found}`);
  });
  app.get('/c/:id/', (c) => c.redirect(`/c/${encodeURIComponent(c.req.param('id'))}`, 301));
  app.get('/c/:id', async (c) => {
    const id = c.req.param('id');
    // Ids are lower case, but phones capitalize what people type.
    if (id !== id.toLowerCase()) return c.redirect(`/c/${encodeURIComponent(id.toLowerCase())}`, 301);
    const view = await viewOf(c, http, id);
    if (view === undefined) return problemPage(c, assets, unknownContest(id), '/');
    const problem = identify(c, http);
    if (problem !== undefined) return problemPage(c, assets, problem, `/c/${id}`);
    const page = { title: view.contest.title, main: contestMain(view), style: contestStyle(view), live: true };
    return withCookies(c, await renderPage(c, assets, page));
  });
}

/** Gives the browser an identity unless it has one; returns a problem if its address got too many. */
function identify(c: EdgeContext, { edge, cookie }: EdgeHttp): Problem | undefined {
  const identity = cookie.read(c);
  if (identity.status === 'valid') {
    if (!identity.isCurrent) cookie.renew(c, identity.voter);
    return undefined;
  }
  const problem = edge.admission.admitNewVoter(new FetchRequestView(c.req.raw, c.env));
  if (problem === undefined) cookie.issue(c);
  return problem;
}

/** Copies the cookies set on the context, which a new Response does not have. */
export function withCookies(c: EdgeContext, response: Response): Response {
  for (const value of c.res.headers.getSetCookie()) response.headers.append('set-cookie', value);
  return response;
}

async function viewOf(c: EdgeContext, { edge, cookie }: EdgeHttp, id: string): Promise<ContestView | undefined> {
  const contest = edge.contests.get(id);
  if (contest === undefined) return undefined;
  const now = edge.redisMonitor.now();
  const hidden = resultsHidden(contest, now);
  // A page without counts is better than no page.
  const results = hidden ? undefined : await edge.results.read(contest).catch(() => undefined);
  const chosen = cookie.choice(c, id);
  const label = contest.options.find((option) => option.id === chosen)?.label;
  const messages = messagesFor(c);
  const notice = await noticeOf(c, edge, label);
  const status = contestStatus(contest, now);
  return { contest, status, hidden, results, chosen, notice, voteId: randomBytes(12).toString('base64url'), messages };
}

/** Why a vote was refused that a contest's page explains, by the value of `vote` in its query. */
const REFUSALS: Readonly<Record<string, ErrorCode>> = {
  closed: ErrorCode.CONTEST_CLOSED,
  paused: ErrorCode.CONTEST_PAUSED,
  early: ErrorCode.CONTEST_NOT_OPEN,
};

/** The page of a contest that explains why it refused a vote; undefined for other problems. */
export function refusalAddress(contest: string, { code }: Problem): string | undefined {
  const name = Object.keys(REFUSALS).find((each) => REFUSALS[each] === code);
  return name && `/c/${contest}?vote=${name}`;
}

/** The query selects a message and an issued receipt; its own text is never shown. */
async function noticeOf(c: EdgeContext, edge: Edge, label: string | undefined): Promise<Notice | undefined> {
  const { outcomes, problems } = messagesFor(c);
  const outcome = c.req.query('vote') ?? '';
  const refusal = Object.hasOwn(REFUSALS, outcome) ? REFUSALS[outcome] : undefined;
  const text = refusal === undefined ? undefined : problems[refusal]?.text;
  if (text !== undefined) return { text, good: false, receipt: undefined };
  if (label === undefined || !isOutcome(outcome, outcomes)) return undefined;
  // A notice without its receipt is better than no page.
  const receipt = await readReceipt(edge, c.req.query('receipt') ?? '').catch(() => undefined);
  return { text: outcomes[outcome](label), good: outcome !== 'late', receipt };
}

function isOutcome(name: string, outcomes: Messages['outcomes']): name is keyof Messages['outcomes'] {
  return Object.hasOwn(outcomes, name);
}
