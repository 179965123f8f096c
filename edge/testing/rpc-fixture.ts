import { type Contest, contestStatus } from '../../store/contests/contest.ts';
import { defaultContests } from '../../store/contests/default-contests.ts';
import type { Results } from '../../store/tally/results.ts';
import type { EncodedVotes, VoteCodec } from '../../wasm/codec.ts';
import { Admission } from '../admission/admission.ts';
import { answerStreamError } from '../answer-stream-error.ts';
import { createCodecs } from '../codecs.ts';
import { createRpc, type Rpc } from '../grpc/rpc.ts';
import type { CallLimits } from '../grpc/transport/call-limits.ts';
import { serveFetch } from '../http2/adapters/fetch-adapter.ts';
import { directHttp2 } from '../listen/direct-http2.ts';
import { frameworkHttp2 } from '../listen/framework/http2-server.ts';
import type { ListenerLimits } from '../listen/limits.ts';
import { type Listener, openListener } from '../listen/listener.ts';
import { rejectionMessage, rejectionProblem } from '../rejection/rejection-problem.ts';
import type { CastManyOutcome, CastOutcome, Ingress, Sender } from '../vote/ingress.ts';

/** For protocol tests: a listener with every RPC that keeps votes in memory. */
export interface RpcFixture extends AsyncDisposable {
  readonly port: number;
  readonly baseUrl: string;
  readonly rpc: Rpc;
  readonly listener: Listener;
  readonly ingress: MemoryIngress;
  readonly contests: Map<string, Contest>;
  /** How often results were read. */
  readonly reads: { count: number; version: number };
}

interface RpcFixtureOptions {
  readonly limits?: Partial<ListenerLimits>;
  readonly callLimits?: CallLimits;
  /** Default: direct. */
  readonly mode?: 'direct' | 'framework';
}

export async function openRpcFixture(options: RpcFixtureOptions = {}): Promise<RpcFixture> {
  const contests = new Map(defaultContests.map((contest) => [contest.id, contest]));
  const codec: VoteCodec = createCodecs({ codecs: { http: 'wasm', grpc: 'typescript' } }).grpc;
  codec.configure({
    partitions: 4,
    contests: defaultContests.map(({ id, rule, options: choices }) => ({
      id,
      rule,
      options: choices.map((o) => o.id),
    })),
  });
  const ingress = new MemoryIngress();
  const reads = { count: 0, version: 1 };
  const rpc = createRpc({
    ingress,
    codec,
    contests: { get: (id) => contests.get(id), list: () => [...contests.values()] },
    results: {
      async read(contest) {
        reads.count++;
        return someResults(contest, reads.version);
      },
    },
    admission: new Admission({
      publicOrigin: '',
      trustProxy: { hops: 0 },
      rateLimit: { perSecond: 0, burst: 1 },
      producerKeys: [],
      readsPerSecond: 0,
      newVotersPerMinute: 0,
    }),
    now: Date.now,
    ready: () => ingress.ready,
    tickMs: 20,
    ...(options.callLimits && { callLimits: options.callLimits }),
  });
  const request = rpc.request((req, res) => void res.end(`app ${req.httpVersion} ${req.url}`));
  const serveApp = serveFetch((app) => new Response(`app 2.0 ${new URL(app.url).pathname}`));
  const http2 =
    options.mode === 'framework'
      ? frameworkHttp2(request)
      : directHttp2({ onRequest: (stream) => rpc.stream(stream) ?? serveApp(stream), onError: answerStreamError });
  const listener = await openListener({
    host: '127.0.0.1',
    port: 0,
    request,
    http2,
    ...(options.limits && { limits: options.limits }),
  });
  return {
    port: listener.port,
    baseUrl: `http://127.0.0.1:${listener.port}`,
    rpc,
    listener,
    ingress,
    contests,
    reads,
    async [Symbol.asyncDispose]() {
      rpc.stop();
      await listener.close(1000);
      rpc[Symbol.dispose]();
    },
  };
}

/** Keeps every vote that the codec accepts. A test may replace or delay the answer. */
class MemoryIngress implements Ingress {
  ready = true;
  /** The bytes of each vote in hexadecimal, in order of arrival. */
  readonly votes: string[] = [];
  readonly transports: number[] = [];
  waited = 0;
  /** Called with each answer; decides when to send it. */
  delay: (answer: () => void) => void = setImmediate;
  /** Replaces the outcome. */
  answerOne: ((encoded: EncodedVotes) => CastOutcome) | undefined;
  answerMany: ((encoded: EncodedVotes) => CastManyOutcome) | undefined;

  castOne({ transport }: Sender, encoded: EncodedVotes, wait: boolean, done: (outcome: CastOutcome) => void): void {
    const outcome = this.answerOne?.(encoded) ?? this.#one(transport, encoded, wait);
    this.delay(() => done(outcome));
  }

  castEach(): never {
    throw new Error('No RPC asks for the outcome of each vote');
  }

  castMany({ transport }: Sender, encoded: EncodedVotes, done: (outcome: CastManyOutcome) => void): void {
    const outcome = this.answerMany?.(encoded) ?? this.#many(transport, encoded);
    this.delay(() => done(outcome));
  }

  #one(transport: number, encoded: EncodedVotes, wait: boolean): CastOutcome {
    if (encoded.failure !== undefined) return { ok: false, problem: rejectionProblem(encoded.failure, encoded.body) };
    this.#keep(transport, encoded);
    if (wait) this.waited++;
    return { ok: true, receipt: `receipt-${this.votes.length}`, status: wait ? 'counted' : 'queued' };
  }

  #many(transport: number, encoded: EncodedVotes): CastManyOutcome {
    if (encoded.failure !== undefined) return { ok: false, problem: rejectionProblem(encoded.failure, encoded.body) };
    this.#keep(transport, encoded);
    const rejected = encoded.rejected.map((one) => ({
      index: one.index,
      code: one.code,
      message: rejectionMessage(one, encoded.body),
    }));
    return { ok: true, accepted: encoded.count, rejected };
  }

  #keep(transport: number, { bytes, ends, count }: EncodedVotes): void {
    for (let i = 0; i < count; i++) {
      const start = i === 0 ? 0 : (ends[i - 1] ?? 0);
      this.votes.push(Buffer.from(bytes.subarray(start, ends[i])).toString('hex'));
      this.transports.push(transport);
    }
  }
}

function someResults(contest: Contest, version: number): Results {
  return {
    contest: contest.id,
    status: contestStatus(contest, Date.now()),
    version,
    total: 3,
    voters: 3,
    changed: 0,
    countedUpTo: '2026-01-02T03:04:05.000Z',
    options: contest.options.map(({ id, label }, index) => ({ id, label, count: index })),
  };
}
