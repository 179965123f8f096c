import type { Problem } from '../../../http/problem.ts';
import { isProblem } from '../../../http/problem.ts';
import { problemReply } from '../../../http/problem-reply.ts';
import type { Reply } from '../../../http/reply.ts';
import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import type { EncodedVotes, VoteCodec } from '../../../wasm/codec.ts';
import type { Admission } from '../../admission/admission.ts';
import type { RequestView } from '../../admission/views/request-view.ts';
import type { RequestMeter } from '../../metrics/request-meter.ts';
import type { Ingress, Sender } from '../../vote/ingress.ts';
import { Transport } from '../../vote/transport.ts';
import { isBatch, maxBytesOf, tooLarge, type VoteFormat, voteFormat, wrongMediaType } from './vote-format.ts';
import { readVoteQuery } from './vote-query.ts';
import { batchReply, eachReply, receiptReply } from './vote-reply.ts';

/** A request for `POST /v1/votes`, on any server. */
export interface VoteRequest extends RequestView {
  /** The part of the target after the `?`; empty if there is none. */
  readonly query: string;
}

/** How to handle the body of a request, as decided by its headers. */
export interface VoteTask {
  readonly request: VoteRequest;
  readonly format: VoteFormat;
  readonly wait: boolean;
  /** Answer a batch with the outcome of each vote. */
  readonly each: boolean;
  readonly sender: Sender;
  /** A longer body is answered with `tooLarge`. */
  readonly maxBytes: number;
}

/** Where the answer to a request goes. */
export interface VoteResponder {
  reply(reply: Reply): void;
}

export interface VoteRouteOptions {
  readonly ingress: Ingress;
  readonly codec: VoteCodec;
  readonly admission: Admission;
  readonly meter: Pick<RequestMeter, 'start' | 'end'>;
}

/**
 * `POST /v1/votes`, decided once for every server: format, origin, quota, wait and limits. An adapter reads the body
 * between `begin` and `cast`, and writes the reply.
 */
export class VoteRoute {
  readonly #options: VoteRouteOptions;

  constructor(options: VoteRouteOptions) {
    this.#options = options;
  }

  /** Decides by the headers alone. `form`: the vote page's handler must decide. */
  begin(request: VoteRequest): VoteTask | Reply | 'form' {
    const task = this.#decide(request);
    if (task !== 'form' && isReply(task)) this.#options.meter.end(task.status, 0);
    return task;
  }

  #decide(request: VoteRequest): VoteTask | Reply | 'form' {
    const contentType = request.header('content-type');
    const contentEncoding = request.header('content-encoding');
    const format = voteFormat(contentType, contentEncoding);
    if (format === 'form') return 'form';
    const sender = this.#options.admission.admit(request, Transport.HTTP);
    if (isProblem(sender)) return problemReply(sender);
    if (format === undefined) return problemReply(wrongMediaType(contentType, contentEncoding));
    const query = readVoteQuery(request.query);
    if (isProblem(query)) return problemReply(query);
    const { wait, each } = query;
    if (wait && isBatch(format)) return problemReply(NO_WAIT_FOR_BATCH);
    if (each && !isBatch(format)) return problemReply(NO_OUTCOMES_FOR_ONE);
    return { request, format, wait, each, sender, maxBytes: maxBytesOf(format) };
  }

  tooLarge({ format }: VoteTask): Reply {
    const reply = problemReply(tooLarge(format));
    this.#options.meter.end(reply.status, 0);
    return reply;
  }

  /** `body` is read before this returns; the answer may come before that. */
  cast({ request, format, wait, each, sender }: VoteTask, body: Uint8Array, responder: VoteResponder): void {
    const { ingress, codec, admission, meter } = this.#options;
    const startedAt = meter.start();
    const encoded = encode(codec, format, body);
    // One closure per request: this is the hot path.
    if (isBatch(format)) {
      admission.charge(request, encoded.count + encoded.rejected.length);
      if (each) ingress.castEach(sender, encoded, (outcome) => this.#answer(responder, eachReply(outcome), startedAt));
      else ingress.castMany(sender, encoded, (outcome) => this.#answer(responder, batchReply(outcome), startedAt));
    } else {
      ingress.castOne(sender, encoded, wait, (outcome) => this.#answer(responder, receiptReply(outcome), startedAt));
    }
  }

  #answer(responder: VoteResponder, reply: Reply, startedAt: number): void {
    this.#options.meter.end(reply.status, startedAt);
    responder.reply(reply);
  }
}

export function isReply(value: VoteTask | Reply): value is Reply {
  return 'status' in value;
}

/** Encodes a body of votes with the codec call for its format. */
export function encode(codec: VoteCodec, format: VoteFormat, body: Uint8Array): EncodedVotes {
  if (format === 'json') return codec.encodeJson(body);
  if (format === 'ndjson') return codec.encodeNdjson(body);
  return format === 'vote' ? codec.encodeVote(body) : codec.encodeVotes(body);
}

const NO_WAIT_FOR_BATCH: Problem = {
  code: ErrorCode.INVALID_ARGUMENT,
  detail: 'Query parameter wait must be absent for a batch; it is for single votes',
};

const NO_OUTCOMES_FOR_ONE: Problem = {
  code: ErrorCode.INVALID_ARGUMENT,
  detail: 'Query parameter outcomes must be absent for a single vote; it is for batches',
};
