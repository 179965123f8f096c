import { problemCode } from '../../http/error-table.ts';
import type { Problem } from '../../http/problem.ts';
import { problemReply } from '../../http/problem-reply.ts';
import { readBody } from '../../http/read-body.ts';
import { toResponse } from '../../http/reply.ts';
import { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import type { Contest } from '../../store/contests/contest.ts';
import type { EncodedVotes } from '../../wasm/codec.ts';
import { WasmCodec } from '../../wasm/wasm-codec.ts';
import { bodyLimit, tooLarge, type VoteFormat, voteFormat, wrongMediaType } from '../http/votes/vote-route.ts';
import { rejectionMessage, rejectionProblem } from '../rejection/rejection-problem.ts';

export interface WorkerOptions {
  /** The compiled `wasm/build/codec.wasm`. */
  readonly codec: WebAssembly.Module;
  /** The edge that votes are forwarded to, as `https://edge.example.org`. */
  readonly upstream: string;
  /** How long a list of contests is used, in milliseconds. Default 5,000. */
  readonly contestsMs?: number;
  /** Default: the global one. */
  readonly fetch?: typeof fetch;
}

/**
 * The edge where there is no TCP: a worker on a CDN that has `fetch` alone. It checks and encodes votes next to the
 * voter with the same WebAssembly module and forwards what passed to an edge with Redis. It keeps nothing: the
 * acknowledgement, the receipt and the opening hours are that edge's. What is not `POST /v1/votes` goes there as it is.
 *
 * The platform hands the compiled module over, as `import codec from './codec.wasm'` does on most.
 */
export function createWorker(options: WorkerOptions): { fetch(request: Request): Promise<Response> } {
  const { upstream, contestsMs = 5000, fetch: send = fetch } = options;
  const codec = new WasmCodec(options.codec);
  let freshUntil = 0;

  /** The last list stands while the upstream does not answer. */
  const refreshContests = async () => {
    if (performance.now() < freshUntil) return;
    const answer = await send(`${upstream}/v1/contests`);
    if (!answer.ok) return;
    const { contests } = (await answer.json()) as { contests: Contest[] };
    // One partition: where a vote belongs is for the upstream to say.
    codec.configure({
      partitions: 1,
      contests: contests.map(({ id, rule, options: list }) => ({ id, rule, options: list.map((option) => option.id) })),
    });
    freshUntil = performance.now() + contestsMs;
  };

  const castVotes = async (request: Request, format: VoteFormat): Promise<Response> => {
    const body = await readBody(request, bodyLimit(format));
    if (body === undefined) return refuse(tooLarge(format));
    await refreshContests();
    const encoded = encode(codec, format, body);
    if (encoded.failure !== undefined) return refuse(rejectionProblem(encoded.failure, body));
    const one = format === 'json' || format === 'vote';
    const { rejected, index, count } = encoded;
    const places = index.slice(0, count);
    const refused = rejected.map((row) => ({
      index: row.index,
      code: problemCode(row.code),
      message: rejectionMessage(row, body),
    }));
    if (count === 0)
      return toResponse({ status: 202, type: JSON_TYPE, body: JSON.stringify({ accepted: 0, rejected: refused }) });
    const answer = await send(`${upstream}/v1/votes${new URL(request.url).search}`, {
      method: 'POST',
      headers: { 'content-type': one ? 'application/protobuf;proto=votewire.v1.Vote' : 'application/protobuf' },
      body: one ? oneVote(encoded) : batchOfVotes(encoded),
    });
    if (one || !answer.ok) return relay(answer, await answer.text());
    const reply = (await answer.json()) as { accepted: number; rejected: { index: number }[] };
    const later = reply.rejected.map((row) => ({ ...row, index: places[row.index] ?? row.index }));
    const all = [...refused, ...later];
    return relay(answer, JSON.stringify({ accepted: reply.accepted, rejected: all.sort((a, b) => a.index - b.index) }));
  };

  return {
    async fetch(request) {
      try {
        const { pathname, search } = new URL(request.url);
        if (pathname !== '/v1/votes' || request.method !== 'POST') {
          return await send(new Request(`${upstream}${pathname}${search}`, request));
        }
        const { headers } = request;
        const type = headers.get('content-type') ?? undefined;
        const encoding = headers.get('content-encoding') ?? undefined;
        const format = voteFormat(type, encoding);
        return format === undefined ? refuse(wrongMediaType(type, encoding)) : await castVotes(request, format);
      } catch (error) {
        return refuse(upstreamAway(error));
      }
    },
  };
}

function encode(codec: WasmCodec, format: VoteFormat, body: Uint8Array): EncodedVotes {
  if (format === 'json') return codec.encodeJson(body);
  if (format === 'vote') return codec.encodeVote(body);
  return format === 'ndjson' ? codec.encodeNdjson(body) : codec.encodeVotes(body);
}

/** The vote without its frame: a tag of one byte and a length of one or two. */
function oneVote({ bytes, ends }: EncodedVotes): Uint8Array<ArrayBuffer> {
  const start = (bytes[1] as number) < 0x80 ? 2 : 3;
  return Uint8Array.from(bytes.subarray(start, ends[0]));
}

/** A CastVotesRequest: the same frames under its own field number. */
function batchOfVotes({ bytes, ends, count }: EncodedVotes): Uint8Array<ArrayBuffer> {
  const request = Uint8Array.from(bytes.subarray(0, ends[count - 1] ?? 0));
  for (let i = 0, start = 0; i < count; i++) {
    request[start] = VOTES_TAG;
    start = ends[i] as number;
  }
  return request;
}

const JSON_TYPE = 'application/json';
/** Field 1, length-delimited. */
const VOTES_TAG = 0x0a;

function refuse(problem: Problem): Response {
  return toResponse(problemReply(problem));
}

function relay(answer: Response, body: string): Response {
  const headers: Record<string, string> = { 'content-type': answer.headers.get('content-type') ?? 'application/json' };
  const retryAfter = answer.headers.get('retry-after');
  if (retryAfter !== null) headers['retry-after'] = retryAfter;
  return new Response(body, { status: answer.status, headers });
}

/** The request may have arrived all the same. */
function upstreamAway(error: unknown): Problem {
  const reason = error instanceof Error ? error.message : 'no reason given';
  return {
    code: ErrorCode.STORE_UNAVAILABLE,
    detail: `Whether the vote was stored is unknown: the edge behind this one did not answer (${reason}). Sending it again with the same voter and sequence, or the same vote_id, is harmless`,
    retryAfter: 1,
  };
}
