import { setTimeout as delay } from 'node:timers/promises';
import { restart } from '../../inject/members.ts';
import { acknowledges } from '../../load/acknowledges.ts';
import type { Attempt } from '../../load/attempt.ts';
import { Http2Client } from '../../load/http2-client.ts';
import { KeepAliveClient, type SteadyClient } from '../../load/keep-alive-client.ts';
import type { Load } from '../../load/load.ts';
import type { Fault } from '../../matrix/fault.ts';

/** Rounds of two restarts each. */
const ROUNDS = Number(process.env.ROLLING_ROUNDS ?? 10);
const THINK_MS = [10, 50];
const CLIENTS_EACH = 12;

/** Clients with persistent connections see no failed request while edges are replaced. */
export const rollingRestarts: Fault = {
  id: 'F31b',
  title: `${2 * ROUNDS} rolling restarts under clients that keep their connections, HTTP/1.1 and HTTP/2`,
  system: { edges: 2 },
  load: { concurrency: 2, perSecond: 50 },
  async inflict({ system, load, violation }) {
    const stopping = new AbortController();
    const clients = THINK_MS.flatMap((thinkMs) =>
      Array.from({ length: CLIENTS_EACH }, (_, n): [SteadyClient, number, string] => {
        const isHttp2 = n % 3 === 2;
        const Client = isHttp2 ? Http2Client : KeepAliveClient;
        return [new Client(system.edgeUrls, n), thinkMs, `${isHttp2 ? 'h2' : 'h1'}-${thinkMs}-${n}`];
      }),
    );
    const sent: Attempt[] = [];
    const working = clients.map(async ([client, thinkMs, name]) => {
      for (let n = 0; !stopping.signal.aborted; n++) {
        const attempt = newVote(load, `${name}-${n}`);
        sent.push(attempt);
        await client.submit(attempt);
        await delay(thinkMs);
      }
      client.close();
    });
    for (let round = 0; round < ROUNDS; round++) {
      await restart(system, system.edges, 'SIGTERM');
      await acknowledges(load, 10);
    }
    stopping.abort();
    await Promise.all(working);
    const failed = sent.filter(({ outcome }) => outcome !== 'ok');
    console.log(`      ${sent.length} requests of ${clients.length} clients, ${failed.length} failed`);
    if (failed.length > 0) {
      violation(`${failed.length} of ${sent.length} requests failed: ${failed[0]?.id}: ${failed[0]?.detail}`);
    }
  },
};

function newVote(load: Load, id: string): Attempt {
  const attempt: Attempt = {
    id,
    contest: 'bandas',
    voter: id,
    choice: load.bands[0] ?? '',
    sequence: 0,
    voteId: id,
    path: 'http',
    outcome: 'pending',
  };
  load.attempts.push(attempt);
  return attempt;
}
