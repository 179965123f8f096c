import { once } from 'node:events';
import { type ClientHttp2Session, connect as connectHttp2, constants } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** For tests: a client that keeps voting on persistent connections to any edge that accepts them. */
interface SteadyClient {
  readonly votes: number;
  /** Votes sent but not acknowledged. */
  readonly failures: readonly string[];
  stop(): Promise<void>;
}

const VOTE = JSON.stringify({ contest: 'cats-vs-dogs', choice: 'cats', voter: 'ana' });

/** Sends one request on a new or existing connection. Throws on failure; the next call then opens a connection. */
type Cast = () => Promise<void>;

function runClient(cast: Cast, thinkMs: number, close: () => void): SteadyClient {
  const failures: string[] = [];
  let votes = 0;
  let stopped = false;
  const done = (async () => {
    while (!stopped) {
      try {
        await cast();
        votes++;
      } catch (error) {
        failures.push(String(error));
      }
      await delay(thinkMs);
    }
    close();
  })();
  return {
    get votes() {
      return votes;
    },
    failures,
    async stop() {
      stopped = true;
      await done;
    },
  };
}

/** Connects to the first port that accepts, starting at a random one; waits while none does. */
async function openAny<T>(ports: readonly number[], open: (port: number) => Promise<T>): Promise<T> {
  for (let at = Math.floor(Math.random() * ports.length); ; at++) {
    try {
      return await open(ports[at % ports.length] ?? 0);
    } catch {
      await delay(5);
    }
  }
}

/** Votes over HTTP/1.1 by hand, so that no library retries failed requests. */
export function keepAliveClient(ports: readonly number[], thinkMs: number): SteadyClient {
  let socket: Socket | undefined;
  const request = `POST /v1/votes HTTP/1.1\r\nHost: edge\r\nContent-Type: application/json\r\nContent-Length: ${VOTE.length}\r\n\r\n${VOTE}`;
  const cast = async () => {
    if (socket === undefined || !socket.readable || socket.destroyed) {
      socket = await openAny(ports, async (port) => {
        const opened = connect({ port, host: '127.0.0.1', noDelay: true });
        await once(opened, 'connect');
        return opened.on('error', () => opened.destroy());
      });
    }
    const current = socket;
    current.write(request);
    let text = '';
    while (!/\r\n\r\n.*}$/s.test(text)) {
      const decided = new AbortController();
      const { signal } = decided;
      const closed = once(current, 'close', { signal }).then(() => [undefined]);
      const [chunk] = await Promise.race([once(current, 'data', { signal }), closed]);
      decided.abort();
      if (chunk === undefined) throw new Error(`Closed without an answer; received ${JSON.stringify(text)}`);
      text += chunk;
    }
    if (!text.startsWith('HTTP/1.1 202')) throw new Error(text);
    if (/\r\nconnection: close\r\n/i.test(text)) {
      socket = undefined;
      current.end();
    }
  };
  return runClient(cast, thinkMs, () => socket?.destroy());
}

/** Votes over HTTP/2; sends no further requests on a connection after its GOAWAY. */
export function http2Client(ports: readonly number[], thinkMs: number): SteadyClient {
  let session: ClientHttp2Session | undefined;
  const cast = async (): Promise<void> => {
    session ??= await openAny(ports, async (port) => {
      const opened = connectHttp2(`http://127.0.0.1:${port}`);
      const leave = () => {
        if (session === opened) session = undefined;
      };
      opened.on('goaway', leave).on('close', leave).on('error', leave);
      await once(opened, 'connect');
      return opened;
    });
    const current = session;
    const stream = current.request({ ':method': 'POST', ':path': '/v1/votes', 'content-type': 'application/json' });
    stream.end(VOTE);
    const [headers] = await once(stream, 'response').catch((error: unknown) => {
      // Node had not sent the request when GOAWAY arrived, so it may be sent again (RFC 9113, 8.7).
      if (stream.rstCode === constants.NGHTTP2_REFUSED_STREAM && session !== current) return [undefined];
      throw error;
    });
    if (headers === undefined) return await cast();
    await stream.resume().toArray();
    if (headers[':status'] !== 202) throw new Error(`Status ${headers[':status']}`);
  };
  return runClient(cast, thinkMs, () => session?.close());
}
