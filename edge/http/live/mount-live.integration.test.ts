import { connect, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { waitFor } from '../../../tests/support/wait-for.ts';
import { MAX_WATCHES_PER_ADDRESS } from '../../admission/watch-seats.ts';
import { type EdgeProcess, startEdgeProcess } from '../../testing/edge-process.ts';
import { useEdge } from '../../testing/use-edge.ts';

describe('live counts for the vote page', () => {
  let edge: EdgeProcess;
  let deployment: Record<string, string>;
  useEdge({ counted: true }, (started) => {
    ({ edge, deployment } = started);
  });

  const address = (contest: string) => `${edge.httpUrl}/v1/contests/${contest}/live`;
  const events = (signal: AbortSignal) =>
    fetch(address('cats-vs-dogs'), { headers: { accept: 'text/event-stream' }, signal });

  test('a stream sends the counts at once and after a vote; a single document has the same', async () => {
    const leave = new AbortController();
    const response = await events(leave.signal);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    let text = '';
    const reading = (async () => {
      for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString();
    })().catch(() => undefined);
    await waitFor(() => text.includes('data: {"status":"open","results":"shown","total":0,"counts":[0,0]}\n\n'), {
      what: 'the first counts',
    });
    await fetch(`${edge.httpUrl}/v1/votes`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"contest":"cats-vs-dogs","choice":"dogs","voter":"a"}',
    });
    await waitFor(() => text.includes('"total":1,"counts":[0,1]'), { what: 'the vote' });
    leave.abort();
    await reading;
    expect(await (await fetch(address('cats-vs-dogs'))).json()).toStrictEqual({
      status: 'open',
      results: 'shown',
      total: 1,
      counts: [0, 1],
    });
    expect((await fetch(address('missing'))).status).toBe(404);
  });

  test('limits the streams of an address, and frees its seats when it leaves', {
    timeout: 60_000,
  }, async () => {
    const { port } = new URL(edge.httpUrl);
    const sockets: Socket[] = [];
    const openMore = () => {
      for (let n = 0; n < MAX_WATCHES_PER_ADDRESS / 10; n++) {
        const socket = connect(Number(port), '127.0.0.1').on('error', () => undefined);
        socket.resume();
        socket.write(
          'GET /v1/contests/cats-vs-dogs/live HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\n\r\n',
        );
        sockets.push(socket);
      }
    };
    const next = async () => {
      const leave = new AbortController();
      const { status } = await fetch(address('cats-vs-dogs').replace('localhost', '127.0.0.1'), {
        headers: { accept: 'text/event-stream' },
        signal: leave.signal,
      });
      leave.abort();
      return status;
    };
    // The edge closes connections that a busy machine uses too late, so more are opened until the limit is reached.
    await waitFor(
      async () => {
        openMore();
        return (await next()) === 429;
      },
      { what: 'the limit' },
    );
    // A page without a stream polls.
    expect((await fetch(address('cats-vs-dogs'))).status).toBe(200);
    for (const socket of sockets) socket.destroy();
    await waitFor(async () => (await next()) === 200, { what: 'free seats' });
  });

  test('a stopping edge ends its streams', async () => {
    await using own = await startEdgeProcess('node', deployment);
    const response = await fetch(`${own.httpUrl}/v1/contests/bandas/live`, {
      headers: { accept: 'text/event-stream' },
    });
    const reader = response.body?.getReader();
    await reader?.read();
    const [next, { code, ms }] = await Promise.all([reader?.read(), own.stop()]);
    expect(next?.done).toBe(true);
    expect(code).toBe(0);
    expect(ms).toBeLessThan(5000);
  });
});
