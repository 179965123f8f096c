import type { RequestListener } from 'node:http';
import { type Contest, contestStatus } from '../../store/contests/contest.ts';
import { defaultContests } from '../../store/contests/default-contests.ts';
import type { Results } from '../../store/tally/results.ts';
import type { EncodedVotes, VoteCodec } from '../../wasm/codec.ts';
import { createCodecs } from '../codecs.ts';
import { createRpc, type Rpc } from '../grpc/rpc.ts';
import type { CallLimits } from '../grpc/transport/call-limits.ts';
import type { ListenerLimits } from '../listen/limits.ts';
import { type Listener, openListener } from '../listen/listener.ts';
import { rejectionMessage, rejectionProblem } from '../rejection/rejection-problem.ts';
import type { CastManyOutcome, CastOutcome, Ingress } from '../vote/ingress.ts';

/** For tests of the protocols: a listener with every RPC, whose votes end in memory. */
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

export interface RpcFixtureOptions {
  readonly limits?: Partial<ListenerLimits>;
  readonly callLimits?: CallLimits;
  readonly app?: RequestListener;
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
    contests,
    results: {
      async read(contest) {
        reads.count++;
        return someResults(contest, reads.version);
      },
    },
    ready: () => ingress.ready,
    tickMs: 20,
    ...(options.callLimits && { callLimits: options.callLimits }),
  });
  const app: RequestListener = options.app ?? ((req, res) => void res.end(`app ${req.httpVersion} ${req.url}`));
  const listener = await openListener({
    host: '127.0.0.1',
    port: 0,
    stream: rpc.stream,
    request: rpc.request(app),
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

/** Says yes to whatever the codec lets pass, and keeps it. A test may answer in its place, and later. */
export class MemoryIngress implements Ingress {
  ready = true;
  /** The bytes of each vote, hexadecimal, in order of arrival. */
  readonly votes: string[] = [];
  readonly paths: number[] = [];
  waited = 0;
  /** Holds answers back until it is called with each of them. */
  delay: (answer: () => void) => void = setImmediate;
  /** Takes the place of an answer. */
  answerOne: ((encoded: EncodedVotes) => CastOutcome) | undefined;
  answerMany: ((encoded: EncodedVotes) => CastManyOutcome) | undefined;

  castOne(path: number, encoded: EncodedVotes, wait: boolean, done: (outcome: CastOutcome) => void): void {
    const outcome = this.answerOne?.(encoded) ?? this.#one(path, encoded, wait);
    this.delay(() => done(outcome));
  }

  castMany(path: number, encoded: EncodedVotes, done: (outcome: CastManyOutcome) => void): void {
    const outcome = this.answerMany?.(encoded) ?? this.#many(path, encoded);
    this.delay(() => done(outcome));
  }

  #one(path: number, encoded: EncodedVotes, wait: boolean): CastOutcome {
    if (encoded.failure !== undefined) return { ok: false, problem: rejectionProblem(encoded.failure, encoded.body) };
    this.#keep(path, encoded);
    if (wait) this.waited++;
    return { ok: true, receipt: `receipt-${this.votes.length}`, status: wait ? 'counted' : 'queued' };
  }

  #many(path: number, encoded: EncodedVotes): CastManyOutcome {
    if (encoded.failure !== undefined) return { ok: false, problem: rejectionProblem(encoded.failure, encoded.body) };
    this.#keep(path, encoded);
    const rejected = encoded.rejected.map((one) => ({
      index: one.index,
      code: one.code,
      message: rejectionMessage(one, encoded.body),
    }));
    return { ok: true, accepted: encoded.count, rejected };
  }

  #keep(path: number, { bytes, ends, count }: EncodedVotes): void {
    for (let i = 0; i < count; i++) {
      const start = i === 0 ? 0 : (ends[i - 1] ?? 0);
      this.votes.push(Buffer.from(bytes.subarray(start, ends[i])).toString('hex'));
      this.paths.push(path);
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
