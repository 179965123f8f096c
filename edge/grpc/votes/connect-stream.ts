import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Problem } from '../../../http/problem.ts';
import type { StreamVotesResponseSchema } from '../../../proto/gen/votewire/v1/service_pb.ts';
import type { RejectedVote } from '../../vote/ingress.ts';
import { problemError } from '../problem-status.ts';
import type { VoteStream, VoteStreamPeer } from './stream-votes.ts';

type Response = MessageInitShape<typeof StreamVotesResponseSchema>;

/** The caller's end of a vote stream on Connect's router, as the async iterable that the router needs. */
export class ConnectStream implements VoteStreamPeer {
  /** Responses that the router has not read yet. */
  readonly #responses: Response[] = [];
  #end: { readonly error?: unknown } | undefined;
  #onResponse: (() => void) | undefined;
  #resumed = Promise.withResolvers<void>();

  constructor() {
    this.#resumed.resolve();
  }

  acknowledge(acknowledged: number, rejected: readonly RejectedVote[]): boolean {
    this.#responses.push({ acknowledged: BigInt(acknowledged), rejected: rejected.map((vote) => ({ ...vote })) });
    this.#onResponse?.();
    return false;
  }

  pause(): void {
    this.#resumed = Promise.withResolvers();
  }

  resume(): void {
    this.#resumed.resolve();
  }

  finish(): void {
    this.#close({});
  }

  fail(problem: Problem): void {
    this.failWith(problemError(problem));
  }

  failWith(error: unknown): void {
    this.#close({ error });
  }

  /** Passes messages to the stream, at the pace of its acknowledgements. */
  async read(messages: AsyncIterable<Uint8Array>, stream: VoteStream): Promise<void> {
    try {
      for await (const message of messages) {
        stream.message(message);
        stream.flush();
        await this.#resumed.promise;
      }
      stream.end();
    } catch (error) {
      stream.close(() => this.failWith(error));
    }
  }

  async *responses(stream: VoteStream): AsyncGenerator<Response> {
    try {
      for (;;) {
        const response = this.#responses.shift();
        if (response !== undefined) {
          yield response;
          if (this.#responses.length === 0) stream.drain();
        } else if (this.#end !== undefined) {
          if ('error' in this.#end) throw this.#end.error;
          return;
        } else {
          await new Promise<void>((resolve) => {
            this.#onResponse = resolve;
          });
        }
      }
    } finally {
      stream.cancel();
      this.resume();
    }
  }

  #close(end: { readonly error?: unknown }): void {
    this.#end ??= end;
    this.resume();
    this.#onResponse?.();
  }
}
