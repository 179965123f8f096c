import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../../../supervisor/redis/redis-server.ts';
import { type Child, scriptChild } from '../../../support/child.ts';
import { waitFor } from '../../../support/wait-for.ts';
import type { Attempt } from '../../load/attempt.ts';
import { Http2Client } from '../../load/http2-client.ts';
import { KeepAliveClient } from '../../load/keep-alive-client.ts';
import type { Load } from '../../load/load.ts';
import { VoteClient } from '../../load/vote-client.ts';
import type { Fault, FaultRun } from '../../matrix/fault.ts';
import { startHaproxy } from '../../system/haproxy.ts';
import { isReady } from '../../system/is-ready.ts';

const PER_SECOND = 2000;
/** Minimum rate over the whole run; a busy machine reaches less. */
const LEAST_PER_SECOND = 0.95 * PER_SECOND;
const CLIENTS = 96;
const EXIT_MS = 8000;
const DASHBOARDS = 2;
const PAGE_EVERY_MS = 20;

/** Edges, consumers and dashboards are replaced one after the other behind the proxy of docker-compose.yml. */
export const rollingRestartsBehindProxy: Fault = {
  id: 'F31c',
  title: `rolling restart of every process at ${PER_SECOND} votes a second behind haproxy`,
  system: { edges: 2 },
  load: { concurrency: 1, perSecond: 20 },
  async inflict(run) {
    const { system, violation } = run;
    await using dashboards = await startDashboards(run);
    const { members, urls } = dashboards;
    await using proxy = await startHaproxy({ dir: system.dir, edgeUrls: system.edgeUrls, dashboardUrls: urls });
    await proxy.allUp();
    const votes = castVotes(run.load, proxy.votesUrl);
    const pages = readPages(`${proxy.pagesUrl}/api/contests`);
    const exits: number[] = [];
    const processes = [...system.edges, ...system.consumers].map(({ process }) => process).concat(members);
    for (const process of processes) {
      const began = performance.now();
      const code = await process.stop('SIGTERM');
      exits.push(performance.now() - began);
      if (code !== 0) violation(`${process.name} exited with ${code}: ${process.output.slice(-300)}`);
      process.start();
      await system.ready();
      for (const url of urls) await waitFor(() => isReady(url), { what: `${url} is ready` });
      await proxy.allUp();
    }
    const { attempts, perSecond } = await votes.stop();
    const { read, failed: failedPages } = await pages.stop();
    const failed = attempts.filter(({ outcome }) => outcome !== 'ok');
    const slowest = Math.round(Math.max(...exits));
    console.log(
      `      ${attempts.length} votes, ${Math.round(perSecond)} a second, ${failed.length} failed; ${read} pages, ${failedPages.length} failed; ${exits.length} exits, the slowest after ${slowest} ms`,
    );
    if (failed.length > 0) violation(`${failed.length} votes failed: ${failed[0]?.id}: ${failed[0]?.detail}`);
    if (failedPages.length > 0) violation(`${failedPages.length} pages failed: ${failedPages[0]}`);
    if (slowest > EXIT_MS) violation(`a process exited ${slowest} ms after SIGTERM`);
    if (perSecond < LEAST_PER_SECOND)
      violation(`only ${Math.round(perSecond)} votes a second were sent: repeat it on an idle machine`);
  },
};

async function startDashboards({ system }: FaultRun) {
  const members: Child[] = [];
  const urls: string[] = [];
  for (let n = 1; n <= DASHBOARDS; n++) {
    const port = await freePort();
    const env = { ...system.env, DASHBOARD_PORT: `${port}` };
    const member = scriptChild(`dashboard-${n}`, 'dashboard/server/main.ts', env);
    member.start();
    urls.push(`http://127.0.0.1:${port}`);
    members.push(member);
    await member.until('it answers', () => isReady(urls.at(-1)));
  }
  return {
    members,
    urls,
    async [Symbol.asyncDispose]() {
      for (const member of members) await member[Symbol.asyncDispose]();
    },
  };
}

/** Votes at a fixed rate over HTTP/1.1, HTTP/2 and gRPC, on connections that stay open. */
function castVotes(load: Load, url: string) {
  const began = performance.now();
  const attempts: Attempt[] = [];
  let stopping = false;
  const clients = Array.from({ length: CLIENTS }, (_, n) => {
    // Few votes over the transports with the most expensive clients, which run in the process of the fault.
    if (n % 8 === 2) return { name: 'h2', path: 'http', client: new Http2Client([url], 0) } as const;
    if (n % 8 === 3) return { name: 'grpc', path: 'grpc', client: new VoteClient(url, 5000) } as const;
    return { name: 'h1', path: 'http', client: new KeepAliveClient([url], 0) } as const;
  });
  const working = clients.map(async ({ name, path, client }, at) => {
    for (let n = 0; !stopping; n++) {
      const id = `proxy-${name}-${at}-${n}`;
      const vote = { contest: 'bandas', voter: id, choice: load.bands[0] ?? '', sequence: 0, voteId: id };
      const attempt: Attempt = { id, ...vote, path, outcome: 'pending' };
      attempts.push(attempt);
      load.attempts.push(attempt);
      await client.submit(attempt);
      const earlyMs = ((n + 1) * CLIENTS * 1000) / PER_SECOND - (performance.now() - began);
      if (earlyMs > 0) await delay(earlyMs);
    }
    client.close();
  });
  return {
    async stop() {
      stopping = true;
      const perSecond = (attempts.length * 1000) / (performance.now() - began);
      await Promise.all(working);
      return { attempts, perSecond };
    },
  };
}

function readPages(url: string) {
  const failed: string[] = [];
  let read = 0;
  let stopping = false;
  const working = (async () => {
    while (!stopping) {
      const problem = await fetch(url).then(
        async (response) => (response.ok ? await response.text().then(() => '') : `${response.status}`),
        (error: unknown) => String(error),
      );
      read++;
      if (problem !== '') failed.push(problem);
      await delay(PAGE_EVERY_MS);
    }
  })();
  return {
    async stop() {
      stopping = true;
      await working;
      return { read, failed };
    },
  };
}
