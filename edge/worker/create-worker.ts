import { Hono } from 'hono';
import { problemResponse } from '../../http/problem-reply.ts';
import { NO_PROXY } from '../../http/request/client-address.ts';
import { WasmCodec } from '../../wasm/wasm-codec.ts';
import { Admission } from '../admission/admission.ts';
import type { EdgeApp, EdgeBindings, EdgeContext } from '../http/edge-env.ts';
import { honoVotes } from '../http/votes/adapters/hono-votes.ts';
import { VoteRoute } from '../http/votes/vote-route.ts';
import { createContestIndex } from '../vote/contest-index.ts';
import { unknownProblem } from '../vote/not-stored-problem.ts';
import { ContestCache } from './contest-cache.ts';
import { forwardRequest } from './forward-request.ts';
import { ForwardingIngress } from './forwarding-ingress.ts';
import { Upstream } from './upstream.ts';

interface WorkerOptions {
  /** The compiled `wasm/build/codec.wasm`. */
  readonly codec: WebAssembly.Module;
  /** Origin of the edge that votes are forwarded to, such as `https://edge.example.org`. */
  readonly upstream: string;
  /** Default: the global one. */
  readonly fetch?: typeof fetch;
}

interface WorkerBindings extends EdgeBindings {
  /** Keeps the platform from cancelling work when the client disconnects. */
  readonly waitUntil?: (work: Promise<unknown>) => void;
}

/**
 * The upstream decides on votes this close to an opening or closing time, because the worker knows the upstream's clock
 * only to within about a second.
 */
const CLOCK_TOLERANCE_MS = 2000;

/** No limits: the upstream enforces quotas and producer keys. */
const OPEN: ConstructorParameters<typeof Admission>[0] = {
  publicOrigin: '',
  trustProxy: NO_PROXY,
  producerKeys: [],
  rateLimit: { perSecond: 0, burst: 1 },
  readsPerSecond: 0,
  newVotersPerMinute: 0,
};

/**
 * An edge for hosts without TCP, using only `fetch`. It validates and encodes votes close to the voter with the same
 * WebAssembly codec and the same route as an edge, and forwards valid ones in batches to an edge with Redis. It stores
 * nothing and has no secrets: acknowledgements and receipts come from that edge. Requests for pages and results, and
 * requests with credentials, are passed on unchanged.
 */
export function createWorker(options: WorkerOptions): {
  fetch(request: Request, bindings?: WorkerBindings): Promise<Response>;
} {
  const send = options.fetch ?? fetch;
  const upstream = new Upstream(options.upstream, (input, init) => send(input, init));
  const contests = new ContestCache(upstream);
  const codec = new WasmCodec(options.codec);
  // One partition, because the upstream assigns partitions.
  const index = createContestIndex(contests, [codec], {
    partitions: 1,
    now: () => contests.now() - CLOCK_TOLERANCE_MS,
    earliest: () => contests.now() + CLOCK_TOLERANCE_MS,
  });
  const admission = new Admission(OPEN);
  const route = new VoteRoute({
    ingress: new ForwardingIngress(upstream, index),
    codec,
    admission,
    meter: NO_METER,
  });
  const forward = (c: EdgeContext) => forwardRequest(c, upstream);
  const castVotes = honoVotes(route, forward);

  const app: EdgeApp = new Hono();
  app.post('/v1/votes', async (c) => {
    // The upstream checks credentials, and a batch would mix those of several clients.
    if (c.req.raw.headers.has('authorization')) return await forward(c);
    const { problem, refreshing } = await contests.prepare();
    const { waitUntil } = c.env as WorkerBindings;
    if (refreshing !== undefined) waitUntil?.(refreshing);
    return problem === undefined ? await castVotes(c) : problemResponse(problem);
  });
  app.all('*', forward);
  app.onError((error) => problemResponse(unknownProblem(`the upstream edge did not answer (${error.message})`)));

  return {
    async fetch(request, bindings = {}) {
      const response = Promise.resolve(app.fetch(request, bindings));
      bindings.waitUntil?.(response);
      return await response;
    },
  };
}

/** A worker has no /metrics, because its platform counts requests. */
const NO_METER = { start: () => 0, end: () => undefined };
