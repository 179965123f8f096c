import { once } from 'node:events';
import { type ClientHttp2Session, connect, constants } from 'node:http2';
import { setTimeout as delay } from 'node:timers/promises';
import type { Attempt } from './attempt.ts';
import { bodyOf, type SteadyClient, settle } from './keep-alive-client.ts';

const CONNECT_MS = 10_000;

/** HTTP/2 without TLS. After a GOAWAY it opens another session, on the first edge that accepts it. */
export class Http2Client implements SteadyClient {
  readonly #urls: readonly string[];
  #next: number;
  #session: ClientHttp2Session | undefined;

  constructor(urls: readonly string[], first: number) {
    this.#urls = urls;
    this.#next = first;
  }

  async submit(attempt: Attempt): Promise<void> {
    // A refused stream was not processed, so a client may send it again.
    while (!(await this.#trySubmit(attempt)));
  }

  async #trySubmit(attempt: Attempt): Promise<boolean> {
    const session = await this.#connected();
    const stream = session.request({ ':method': 'POST', ':path': '/v1/votes', 'content-type': 'application/json' });
    stream.end(bodyOf(attempt));
    try {
      const [headers] = (await once(stream, 'response')) as [Record<string, string | number>];
      let text = '';
      for await (const chunk of stream) text += chunk;
      settle(attempt, Number(headers[':status']), text);
    } catch (error) {
      if (stream.rstCode === constants.NGHTTP2_REFUSED_STREAM) return false;
      attempt.outcome = 'unknown';
      attempt.detail = `the stream ended without an answer: ${error}`;
    }
    return true;
  }

  async #connected(): Promise<ClientHttp2Session> {
    if (this.#session !== undefined && !this.#session.closed && !this.#session.destroyed) return this.#session;
    for (const end = performance.now() + CONNECT_MS; performance.now() < end; ) {
      const session = connect(this.#urls[this.#next++ % this.#urls.length] ?? '');
      session.on('error', () => session.destroy());
      // Sends no further requests; open ones complete.
      session.on('goaway', () => session.close());
      const isConnected = await Promise.race([
        once(session, 'connect').then(() => true),
        once(session, 'close').then(() => false),
      ]).catch(() => false);
      if (isConnected) {
        this.#session = session;
        return session;
      }
      await delay(20);
    }
    throw new Error(`No edge accepted a session within ${CONNECT_MS} ms`);
  }

  close(): void {
    this.#session?.destroy();
  }
}
