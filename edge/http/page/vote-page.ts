import { randomBytes } from 'node:crypto';
import type { Context } from 'hono';
import { contestStatus, resultsHidden } from '../../../store/contests/contest.ts';
import { allowMethods } from '../allow-methods.ts';
import { unknownContest } from '../contests.ts';
import type { EdgeApp, EdgeBindings, EdgeHttp } from '../edge-http.ts';
import { type ContestView, contestMain, contestStyle, type Notice } from './contest-main.ts';
import { indexMain, indexStyle, inOrder } from './index-main.ts';
import { renderPage } from './layout.ts';
import { problemMain } from './problem-main.ts';

type PageContext = Context<{ Bindings: EdgeBindings }>;

/** `GET /` lists the contests, `GET /c/:id` takes a vote. Both work without JavaScript. */
export function mountVotePage(app: EdgeApp, http: EdgeHttp): void {
  const { edge, assets, cookie } = http;
  app.get('/', () => {
    // One option is no choice: visits are counted at their own address.
    const choices = edge.contests.list().filter(({ options }) => options.length > 1);
    const listed = inOrder(choices.map((contest) => ({ contest, status: contestStatus(contest, edge.pulse.now()) })));
    return renderPage(assets, { title: 'Vote', main: indexMain(listed), style: indexStyle(listed) });
  });
  app.get('/c/:id', async (c) => {
    const id = c.req.param('id');
    const view = await viewOf(c, http, id);
    if (view === undefined) {
      const main = problemMain(unknownContest(id), '/');
      return renderPage(assets, { title: 'Unknown contest', main }, 404);
    }
    await cookie.ensure(c);
    const page = { title: view.contest.title, main: contestMain(view), style: contestStyle(view), live: true };
    return withCookies(c, await renderPage(assets, page));
  });
  for (const path of ['/', '/c/:id']) allowMethods(app, path, ['GET', 'HEAD']);
}

/** A Response of our own does not carry what was set on the context. */
export function withCookies(c: PageContext, response: Response): Response {
  for (const value of c.res.headers.getSetCookie()) response.headers.append('set-cookie', value);
  return response;
}

async function viewOf(c: PageContext, { edge, cookie }: EdgeHttp, id: string): Promise<ContestView | undefined> {
  const contest = edge.contests.get(id);
  if (contest === undefined) return undefined;
  const now = edge.pulse.now();
  const status = contestStatus(contest, now);
  const hidden = resultsHidden(contest, now);
  // A page without counts is better than none.
  const results = hidden ? undefined : await edge.results.read(contest).catch(() => undefined);
  const chosen = await cookie.choice(c, id);
  const label = contest.options.find((option) => option.id === chosen)?.label;
  const notice = noticeOf(c.req.query('vote'), label);
  return { contest, status, hidden, results, chosen, notice, voteId: randomBytes(12).toString('base64url') };
}

/** Texts are chosen by a word of the address, never taken from it. */
function noticeOf(outcome: string | undefined, label: string | undefined): Notice | undefined {
  if (label === undefined) return undefined;
  if (outcome === 'counted') return { text: `Your vote for ${label} is counted.`, good: true };
  if (outcome === 'queued')
    return { text: `Your vote for ${label} is in, and will be counted in a moment.`, good: true };
  if (outcome === 'duplicate') return { text: 'That vote was counted before. It counts once.', good: true };
  if (outcome === 'superseded') return { text: 'A newer vote of yours stands.', good: true };
  if (outcome === 'late') return { text: 'Your vote came too late and does not count.', good: false };
  return undefined;
}
