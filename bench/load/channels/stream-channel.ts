import { type Channel, lost } from './channel.ts';
import { type ChannelSetup, requestFields } from './http2-channel.ts';
import { Http2Connection } from './http2-connection.ts';
import { readCounted } from './replies.ts';
import type { Field } from './request-blocks.ts';

interface SentMessage {
  readonly token: number;
  /** Votes of this stream up to and including this message. */
  readonly upTo: number;
}

/**
 * One StreamVotes call on a separate connection. At most `streams` messages are unanswered; the server's cumulative
 * acknowledgements answer them in order.
 */
export class StreamChannel implements Channel {
  readonly capacity: number;
  readonly #connection: Http2Connection;
  readonly #setup: ChannelSetup;
  readonly #sent: SentMessage[] = [];
  #head = 0;
  #stream = 0;
  #offered = 0;
  #rejected = 0;
  #input: Buffer = Buffer.alloc(0);
  #grpcStatus = '';

  private constructor(connection: Http2Connection, setup: ChannelSetup) {
    this.#connection = connection;
    this.#setup = setup;
    this.capacity = setup.streams;
  }

  static async open(setup: ChannelSetup): Promise<StreamChannel> {
    const headers = [
      { name: 'te', value: 'trailers' },
      { name: 'content-type', value: 'application/grpc' },
    ];
    const fields = requestFields(setup.target, '/votewire.v1.VoteService/StreamVotes', headers);
    const channel = new StreamChannel(await Http2Connection.open(setup.target, fields), setup);
    channel.#start();
    return channel;
  }

  get bytesIn() {
    return this.#connection.bytesIn;
  }

  get bytesOut() {
    return this.#connection.bytesOut;
  }

  send(index: number, token: number) {
    this.#offered += this.#setup.pool.votesPerRequest;
    this.#sent.push({ token, upTo: this.#offered });
    if (this.#stream === 0) {
      // The call has ended, so later messages have no stream.
      queueMicrotask(() => this.#fail(`stream ended with gRPC ${this.#grpcStatus}`));
      return;
    }
    this.#connection.send(this.#stream, this.#setup.pool.bodies[index] ?? Buffer.alloc(0), false);
  }

  close() {
    this.#connection.close();
  }

  #start() {
    const handler = {
      onHeaders: (fields: readonly Field[]) => {
        this.#grpcStatus = fields.find(({ name }) => name === 'grpc-status')?.value ?? this.#grpcStatus;
      },
      onData: (bytes: Buffer) => this.#read(bytes),
      onEnd: (reset: string | undefined) => {
        this.#stream = 0;
        this.#fail(reset ?? `stream ended with gRPC ${this.#grpcStatus}`);
      },
    };
    this.#stream = this.#connection.request(handler, Buffer.alloc(0), { end: false });
  }

  #read(bytes: Buffer) {
    let input = this.#input.length > 0 ? Buffer.concat([this.#input, bytes]) : bytes;
    while (input.length >= 5) {
      const end = 5 + input.readUInt32BE(1);
      if (input.length < end) break;
      const { value, repeated } = readCounted(input.subarray(5, end));
      input = input.subarray(end);
      this.#acknowledge(value, repeated);
    }
    this.#input = Buffer.from(input);
  }

  #acknowledge(upTo: number, rejected: number) {
    this.#rejected += rejected;
    const votes = this.#setup.pool.votesPerRequest;
    for (;;) {
      const message = this.#sent[this.#head];
      if (message === undefined || message.upTo > upTo) break;
      this.#head++;
      // The message of a rejected vote does not matter here; the vote is counted once, with the next completed message.
      const failed = Math.min(this.#rejected, votes);
      this.#rejected -= failed;
      const reason = failed > 0 ? { reason: 'votes of a stream rejected' } : {};
      this.#setup.onReply(message.token, { acknowledged: votes - failed, failed, unknown: 0, ...reason });
    }
    if (this.#head > 1024) this.#sent.splice(0, this.#head);
    if (this.#head > 1024) this.#head = 0;
  }

  #fail(reason: string) {
    const open = this.#sent.splice(this.#head);
    for (const { token } of open) this.#setup.onReply(token, lost(this.#setup.pool.votesPerRequest, reason));
  }
}
