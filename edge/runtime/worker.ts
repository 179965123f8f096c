import { problemCode } from '../../http/error-table.ts';
import type { Problem } from '../../http/problem.ts';
import { problemResponse } from '../../http/problem-reply.ts';
import { toResponse } from '../../http/reply.ts';
import { readBody } from '../../http/request/read-body.ts';
import type { Contest } from '../../store/contests/contest.ts';
import type { EncodedVotes } from '../../wasm/codec.ts';
import { WasmCodec } from '../../wasm/wasm-codec.ts';
import {
  isBatch,
  maxBytesOf,
  tooLarge,
  type VoteFormat,
  voteFormat,
  wrongMediaType,
} from '../http/votes/vote-format.ts';
import { type RejectedRow, rowsReply } from '../http/votes/vote-reply.ts';
import { encode } from '../http/votes/vote-route.ts';
import { rejectionMessage, rejectionProblem } from '../rejection/rejection-problem.ts';
import { unknownProblem } from '../vote/not-stored-problem.ts';

interface WorkerOptions {
  /** The compiled `wasm/build/codec.wasm`. */
  readonly codec: WebAssembly.Module;
  /** The edge that votes are forwarded to, such as `https://edge.example.org`. */
  readonly upstream: string;
  /** How long the list of contests is cached, in milliseconds. Default 5,000. */
  readonly contestsMs?: number;
  /** Default: the global one. */
  readonly fetch?: typeof fetch;
}

/**
 * The edge for hosts without TCP: a worker on a CDN that has only `fetch`. It validates and encodes votes close to the
 * voter with the same WebAssembly module and forwards valid ones to an edge with Redis. It stores nothing: the
 * acknowledgement, the receipt and the opening hours are that edge's. Other requests are forwarded unchanged.
 *
 * The platform provides the compiled module, on most by `import codec from './codec.wasm'`.
 */
export function createWorker(options: WorkerOptions): { fetch(request: Request): Promise<Response> } {
  const { upstream, contestsMs = 5000, fetch: send = fetch } = options;
  const codec = new WasmCodec(options.codec);
  let freshUntil = 0;

  /** Keeps the last list while the upstream does not answer. */
  const refreshContests = async () => {
    if (performance.now() < freshUntil) return;
    const answer = await send(`${upstream}/v1/contests`);
    if (!answer.ok) return;
    const { contests } = (await answer.json()) as { contests: Contest[] };
    // One partition: the upstream decides where a vote belongs.
    codec.configure({
      partitions: 1,
      contests: contests.map(({ id, rule, options: list }) => ({ id, rule, options: list.map((option) => option.id) })),
    });
    freshUntil = performance.now() + contestsMs;
  };

  const castVotes = async (request: Request, format: VoteFormat): Promise<Response> => {
    const body = await readBody(request, maxBytesOf(format));
    if (body === undefined) return problemResponse(tooLarge(format));
    await refreshContests();
    const encoded = encode(codec, format, body);
    if (encoded.failure !== undefined) return problemResponse(rejectionProblem(encoded.failure, body));
    const one = !isBatch(format);
    const { rejected, index, count } = encoded;
    const places = index.slice(0, count);
    const rejectedHere = rejected.map((row) => ({
      index: row.index,
      code: problemCode(row.code),
      message: rejectionMessage(row, body),
    }));
    if (count === 0) return toResponse(rowsReply(0, rejectedHere));
    const answer = await send(`${upstream}/v1/votes${new URL(request.url).search}`, {
      method: 'POST',
      headers: {
        ...forwardedHeaders(request.headers),
        'content-type': one ? 'application/protobuf;proto=votewire.v1.Vote' : 'application/protobuf',
      },
      body: one ? oneVote(encoded) : batchOfVotes(encoded),
    });
    const text = await answer.text();
    const reply = one ? undefined : parseBatchReply(text);
    if (reply === undefined) return relay(answer, text);
    const later = reply.rejected.map((row) => ({ ...row, index: places[row.index] ?? row.index }));
    const all = [...rejectedHere, ...later].sort((a, b) => a.index - b.index);
    return toResponse(rowsReply(reply.accepted, all));
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
        // The voter cookie is the upstream's.
        if (format === 'form') return await send(new Request(`${upstream}${pathname}${search}`, request));
        return format === undefined
          ? problemResponse(wrongMediaType(type, encoding))
          : await castVotes(request, format);
      } catch (error) {
        return problemResponse(upstreamUnavailable(error));
      }
    },
  };
}

/** The upstream's answer to a batch, accepted or not; undefined if it is anything else. */
function parseBatchReply(body: string): { accepted: number; rejected: RejectedRow[] } | undefined {
  try {
    const reply: unknown = JSON.parse(body);
    return typeof reply === 'object' && reply !== null && 'accepted' in reply && 'rejected' in reply
      ? (reply as { accepted: number; rejected: RejectedRow[] })
      : undefined;
  } catch {
    // A proxy in between may answer with a page of its own.
    return undefined;
  }
}

/** What the upstream's admission needs. */
function forwardedHeaders(headers: Headers): Record<string, string> {
  const names = ['authorization', 'origin', 'x-forwarded-for'];
  return Object.fromEntries(names.flatMap((name) => (headers.has(name) ? [[name, headers.get(name) ?? '']] : [])));
}

/** The vote without its frame: one byte of tag, one or two of length. */
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

/** Field 1, length-delimited. */
const VOTES_TAG = 0x0a;

function relay(answer: Response, body: string): Response {
  const headers: Record<string, string> = { 'content-type': answer.headers.get('content-type') ?? 'application/json' };
  const retryAfter = answer.headers.get('retry-after');
  if (retryAfter !== null) headers['retry-after'] = retryAfter;
  return new Response(body, { status: answer.status, headers });
}

/** The request may have arrived nevertheless. */
function upstreamUnavailable(error: unknown): Problem {
  return unknownProblem(`the upstream edge did not answer (${error instanceof Error ? error.message : error})`);
}
