import type { Context } from 'hono';
import { errorRow } from '../../../http/error-table.ts';
import type { Problem } from '../../../http/problem.ts';
import { problemReply } from '../../../http/problem-reply.ts';
import { quoteForMessage } from '../../../http/quote.ts';
import { readBody } from '../../../http/read-body.ts';
import { toResponse } from '../../../http/reply.ts';
import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import { Path } from '../../../proto/gen/votewire/v1/vote_pb.ts';
import { MAX_VOTE_BYTES } from '../../../wasm/limits.ts';
import type { CastOutcome } from '../../vote/ingress.ts';
import type { EdgeBindings, EdgeHttp } from '../edge-http.ts';
import { renderPage } from '../page/layout.ts';
import { problemMain } from '../page/problem-main.ts';
import { withCookies } from '../page/vote-page.ts';
import { tooLarge } from './vote-route.ts';

type FormContext = Context<{ Bindings: EdgeBindings }>;

/** What the vote page's form sends. Who votes is in the cookie alone. */
interface VoteForm {
  readonly contest: string;
  readonly choice: string;
  readonly voteId: string;
}

/** A vote from the vote page: waits until it is counted, so that the page it leads back to shows it. */
export async function castForm(c: FormContext, http: EdgeHttp): Promise<Response> {
  const { edge, cookie } = http;
  // Every browser that sends a form says where the form came from; whoever does not is not the vote page.
  if (c.req.header('origin') === undefined && c.req.header('sec-fetch-site') !== 'same-origin') {
    return toResponse(problemReply(NOT_THE_PAGE));
  }
  const body = await readBody(c.req.raw, MAX_VOTE_BYTES);
  if (body === undefined) return refuse(http, tooLarge('json'), '/');
  const form = readForm(body);
  if (typeof form === 'string') return refuse(http, wrongField(form), '/');
  const contest = edge.contests.get(form.contest);
  const back = contest === undefined ? '/' : `/c/${contest.id}`;
  const identity = await cookie.read(c);
  if (typeof identity === 'string') return refuse(http, identity === 'missing' ? NO_COOKIE : FORGED_COOKIE, back);
  const vote = {
    contest: form.contest,
    choice: form.choice,
    voter: identity.voter,
    attributes: contest?.options.find(({ id }) => id === form.choice)?.attributes ?? {},
    ...(form.voteId !== '' && { vote_id: form.voteId }),
  };
  const outcome = await cast(http, JSON.stringify(vote));
  if (!outcome.ok) return refuse(http, outcome.problem, back);
  await cookie.remember(c, form.contest, form.choice);
  return withCookies(c, new Response(null, { status: 303, headers: { location: `${back}?vote=${outcome.status}` } }));
}

function cast({ edge }: EdgeHttp, vote: string): Promise<CastOutcome> {
  const encoded = edge.codecs.http.encodeJson(Buffer.from(vote));
  return new Promise((resolve) => edge.ingress.castOne(Path.HTTP, encoded, true, resolve));
}

/** The name of a field where it is unknown or there twice. */
function readForm(body: Uint8Array): VoteForm | string {
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

function refuse({ assets }: EdgeHttp, problem: Problem, back: string): Promise<Response> {
  const { http, title } = errorRow(problem.code);
  return renderPage(assets, { title, main: problemMain(problem, back) }, http);
}

/** curl's `-d` names a form as the content type unless told otherwise. */
const NOT_THE_PAGE: Problem = {
  code: ErrorCode.FORBIDDEN,
  detail:
    'application/x-www-form-urlencoded is for the vote page, and no browser sent this: send the vote with content-type: application/json',
};

function wrongField(name: string): Problem {
  return {
    code: ErrorCode.UNKNOWN_FIELD,
    detail: `The form has the field ${quoteForMessage(name)}, which is unknown or there twice: it has contest, choice and vote_id, and the voter is in the cookie`,
  };
}

const NO_COOKIE: Problem = {
  code: ErrorCode.UNAUTHENTICATED,
  detail: 'Your browser did not send the cookie that tells voters apart: allow cookies for this site, and vote again',
};

const FORGED_COOKIE: Problem = {
  code: ErrorCode.UNAUTHENTICATED,
  detail: 'The cookie that tells voters apart was not made here: delete the cookies of this site, and vote again',
};
