import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { VoteRecognizer, type VoteRecognizerOptions } from '../vote-recognizer.ts';

export interface OpenVotes extends AsyncDisposable {
  readonly port: number;
  readonly recognizer: VoteRecognizer;
}

export interface OpenVotesOptions extends Partial<VoteRecognizerOptions> {
  /** Answers requests that are handed over. */
  readonly request?: RequestListener;
}

const MAX_BODY_BYTES = 4_096;

/** Starts a recognizer in front of `node:http` on a free loopback port. Answers name the server that sent them. */
export async function openVotes({ request, ...options }: OpenVotesOptions = {}): Promise<OpenVotes> {
  const http = createHttpServer(
    request ??
      (async (req, res) => {
        const body = Buffer.concat(await req.toArray()).toString('latin1');
        res.end(`node ${req.method} ${req.url} ${body}`);
      }),
  );
  const recognizer = new VoteRecognizer({
    bodyLimit: (type) => (type === 'application/json' ? MAX_BODY_BYTES : undefined),
    onVotes: (exchange) => {
      const { head, body } = exchange;
      exchange.reply({ status: 202, type: 'text/plain', body: `votes ${head.query === 'wait=counted'} ${body}` });
    },
    handOver: (socket) => http.emit('connection', socket),
    ...options,
  });
  const listener = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => recognizer.accept(socket));
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    port: (listener.address() as AddressInfo).port,
    recognizer,
    async [Symbol.asyncDispose]() {
      listener.close();
      recognizer[Symbol.dispose]();
      http.closeAllConnections();
      http.close();
    },
  };
}
