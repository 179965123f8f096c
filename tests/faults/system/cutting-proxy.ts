import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/**
 * The proxy's handling of bytes from a client:
 * - `forward`: passes them on, and the answers back.
 * - `cut-before`: drops them and resets both sides; the request never arrived.
 * - `cut-after`: passes them on, then resets the client's side as soon as the server answers; the answer is lost.
 * - `swallow`: drops them without an answer until the verdict changes; a link that went dead without a reset.
 */
export type Verdict = 'forward' | 'cut-before' | 'cut-after' | 'swallow';

/** A TCP proxy that breaks connections on purpose, deciding on each chunk from a client. */
export interface CuttingProxy extends AsyncDisposable {
  readonly port: number;
  /** Called for every chunk from a client. Default: forward. */
  judge: (chunk: Buffer) => Verdict;
  /** How many requests were cut so far. */
  readonly cuts: number;
  /** Resets every connection now. */
  reset(): void;
}

/** Starts a proxy on a free loopback port in front of `target`. */
export async function startCuttingProxy(target: { port: number; host?: string }): Promise<CuttingProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let cuts = 0;
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ port: target.port, host: target.host ?? '127.0.0.1', noDelay: true });
    const pair = [client, upstream] as const;
    pairs.add(pair);
    const end = () => {
      pairs.delete(pair);
      client.destroy();
      upstream.destroy();
    };
    // A reset on either side ends both.
    for (const socket of pair) socket.on('error', end).on('close', end);
    let answerIsLost = false;
    client.on('data', (chunk) => {
      const verdict = answerIsLost ? 'swallow' : proxy.judge(chunk);
      if (verdict === 'swallow') return;
      if (verdict === 'forward') {
        upstream.write(chunk);
        return;
      }
      cuts++;
      if (verdict === 'cut-before') {
        client.resetAndDestroy();
        return;
      }
      answerIsLost = true;
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      if (answerIsLost) client.resetAndDestroy();
      else client.write(chunk);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy: CuttingProxy = {
    port: (server.address() as AddressInfo).port,
    judge: () => 'forward',
    get cuts() {
      return cuts;
    },
    reset() {
      for (const [client] of pairs) client.resetAndDestroy();
    },
    async [Symbol.asyncDispose]() {
      for (const [client] of pairs) client.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  return proxy;
}
