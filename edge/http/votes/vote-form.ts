import { errorRow } from '../../../http/error-table.ts';
import type { Problem } from '../../../http/problem.ts';
import { isProblem } from '../../../http/problem.ts';
import { problemResponse } from '../../../http/problem-reply.ts';
import { quoteForMessage } from '../../../http/quote.ts';
import { readBody } from '../../../http/request/read-body.ts';
import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import { MAX_VOTE_BYTES } from '../../../wasm/limits.ts';
import type { RequestView } from '../../admission/views/request-view.ts';
import { endHttp, HTTP_VOTES, VOTES_SPAN } from '../../tracing/http-span.ts';
import type { CastOutcome, Sender } from '../../vote/ingress.ts';
import type { EdgeContext } from '../edge-env.ts';
import type { EdgeHttp } from '../edge-http.ts';
import { FetchRequestView } from '../fetch-request-view.ts';
import { problemPage } from '../page/problem-page.ts';
import { refusalAddress, withCookies } from '../page/vote-page.ts';
import { tooLarge } from './vote-format.ts';

/** The fields of the vote page's form. The voter comes from the cookie. */
interface VoteForm {
  readonly contest: string;
  readonly choice: string;
  readonly voteId: string;
}

/** A vote from the vote page. Waits until it is counted, so that the page it redirects to shows it. */
export async function castForm(c: EdgeContext, http: EdgeHttp): Promise<Response> {
  const { edge, cookie } = http;
  // Every browser sends the origin of a submitted form.
  if (c.req.header('origin') === undefined && c.req.header('sec-fetch-site') !== 'same-origin') {
    return problemResponse(NOT_A_BROWSER);
  }
  const request = new FetchRequestView(c.req.raw, c.env);
  const sender = edge.admission.admitBrowser(request);
  if (isProblem(sender)) return problemPage(c, http.assets, sender, '/');
  const body = await readBody(c.req.raw, MAX_VOTE_BYTES);
  if (body === undefined) return problemPage(c, http.assets, tooLarge('form'), '/');
  const form = parseForm(body);
  if (typeof form === 'string') return problemPage(c, http.assets, wrongField(form), '/');
  const contest = edge.contests.get(form.contest);
  const back = contest === undefined ? '/' : `/c/${contest.id}`;
  const identity = cookie.read(c);
  if (identity.status !== 'valid') return problemPage(c, http.assets, COOKIE_PROBLEMS[identity.status], back);
  const vote = {
    contest: form.contest,
    choice: form.choice,
    voter: identity.voter,
    attributes: contest?.options.find(({ id }) => id === form.choice)?.attributes ?? {},
    ...(form.voteId !== '' && { vote_id: form.voteId }),
  };
  const outcome = await cast(http, { sender, request }, JSON.stringify(vote));
  if (!outcome.ok) {
    // The contest's page has the result, or when it opens.
    const explained = refusalAddress(form.contest, outcome.problem);
    return explained === undefined ? problemPage(c, http.assets, outcome.problem, back) : c.redirect(explained, 303);
  }
  cookie.remember(c, form.contest, form.choice);
  return withCookies(
    c,
    new Response(null, {
      status: 303,
      // Without the script, the fragment keeps the scroll position on a long page.
      headers: { location: `${back}?vote=${outcome.status}&receipt=${outcome.receipt}#o-${form.choice}` },
    }),
  );
}

async function cast(
  { edge }: EdgeHttp,
  { sender, request }: { readonly sender: Sender; readonly request: RequestView },
  vote: string,
): Promise<CastOutcome> {
  const { codecs, ingress, tracing } = edge;
  const encoded = codecs.http.encodeJson(Buffer.from(vote));
  const castOne = () => new Promise<CastOutcome>((resolve) => ingress.castOne(sender, encoded, true, resolve));
  const trace = tracing?.start(VOTES_SPAN, request, HTTP_VOTES);
  if (tracing === undefined || trace === undefined) return await castOne();
  const outcome = await tracing.run(trace, castOne);
  const isRedirected = outcome.ok || refusalAddress('', outcome.problem) !== undefined;
  endHttp(trace, isRedirected ? 303 : errorRow(outcome.problem.code).http);
  return outcome;
}

/** Returns the name of the first unknown or repeated field, if any. */
function parseForm(body: Uint8Array): VoteForm | string {
  const fields = new URLSearchParams(Buffer.from(body).toString('latin1'));
  const names = [...fields.keys()];
  const wrong = names.find((name, at) => !FIELDS.includes(name) || names.indexOf(name) !== at);
  if (wrong !== undefined) return wrong;
  return {
    contest: fields.get('contest') ?? '',
    choice: fields.get('choice') ?? '',
    voteId: fields.get('vote_id') ?? '',
  };
}

const FIELDS = ['contest', 'choice', 'vote_id'];

/** For curl users: `-d` sends a form unless another content type is given. */
const NOT_A_BROWSER: Problem = {
  code: ErrorCode.FORBIDDEN,
  detail:
    'application/x-www-form-urlencoded is for the vote page in a browser; send the vote with content-type: application/json',
};

function wrongField(name: string): Problem {
  return {
    code: ErrorCode.UNKNOWN_FIELD,
    detail: `Unknown or repeated form field ${quoteForMessage(name)}; the fields are contest, choice and vote_id`,
  };
}

function cookieProblem(detail: string): Problem {
  return { code: ErrorCode.UNAUTHENTICATED, detail };
}

/** In each case, opening the vote page issues a new cookie. */
const COOKIE_PROBLEMS = {
  missing: cookieProblem('Your browser sent no voter cookie; allow cookies for this site and open the vote page again'),
  invalid: cookieProblem(
    'Your voter cookie is damaged or was not issued here; open the vote page again to get a new one',
  ),
  expired: cookieProblem('Your voter cookie has expired; open the vote page again to get a new one'),
} as const;
