import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { listenOnPort } from '../../config/listen-port.ts';
import { boundConnections } from '../../http/connections/bound-connections.ts';
import { TurnGate } from '../../http/connections/turn-gate.ts';
import { createAuditLog } from '../../store/audit/audit-log.ts';
import { openDeployment } from '../../store/deployment/deployment.ts';
import { openLogStore } from '../../store/log/open-log-store.ts';
import { readClaims } from '../../store/monitoring/claims.ts';
import { readGroupDelay } from '../../store/monitoring/group-delay.ts';
import { readProcessEvents, recordProcessEvents } from '../../store/monitoring/process-events.ts';
import { readMemory } from '../../store/monitoring/read-memory.ts';
import { openSampleStream } from '../../store/monitoring/sample-stream.ts';
import { readSystem } from '../../store/monitoring/system.ts';
import { openRedis } from '../../store/redis/redis.ts';
import { followRedisClock } from '../../store/redis/redis-clock.ts';
import { discardDeadLetter, listDeadLetters, replayDeadLetter, replayState } from '../../store/streams/dead-letters.ts';
import { LOG_GROUP, systemHistoryKey, TALLY_GROUP } from '../../store/streams/keys.ts';
import { createResultsReader } from '../../store/tally/read-results.ts';
import { LogSessions } from './access/log-session.ts';
import { BenchRunner } from './bench/bench-runner.ts';
import type { DashboardConfig } from './config.ts';
import { createDashboardApp } from './dashboard-app.ts';
import { dashboardLog } from './dashboard-log.ts';
import { loadStaticFiles } from './http/static-files.ts';
import { DeletedLogs } from './log/deleted-logs.ts';
import { LogTail } from './log/log-tail.ts';
import { createOutcomeReader } from './log/vote-story.ts';
import { createVoterKey } from './log/voter-key.ts';
import { createVersionReader } from './results/contest-versions.ts';
import { createHistoryStore } from './results/history-store.ts';
import { ResultsHub } from './results/results-hub.ts';
import { createContestResults } from './system/contest-results.ts';
import { createMetrics } from './system/metrics.ts';
import { HISTORY_MS, SAMPLE_MS, SystemHistory } from './system/system-history.ts';
import { createSystemReader } from './system/system-reader.ts';

/** A running dashboard. Disposal completes answers in progress and ends event streams. */
export interface DashboardServer extends AsyncDisposable {
  readonly port: number;
}

export interface DashboardServerOptions {
  readonly config: DashboardConfig;
  /** The folder of the built pages. */
  readonly pagesFolder: string;
  /** The script that runs a quick bench, and its arguments. */
  readonly benchCommand: readonly [string, ...string[]];
  /** The environment of the bench; see `benchEnvironment`. */
  readonly benchEnv: NodeJS.ProcessEnv;
  /** Aborts the wait for Redis at the start. */
  readonly signal?: AbortSignal;
}

/** Time limit for the answers in progress when the server stops. */
const STOP_MS = 3000;

/** Opens the stores and listens. */
export async function startDashboardServer(options: DashboardServerOptions): Promise<DashboardServer> {
  const { config } = options;
  await using opening = new AsyncDisposableStack();
  const redis = opening.use(openRedis({ cluster: 'detect', urls: config.store.redisUrls, name: 'dashboard' }));
  const deployment = opening.use(
    await openDeployment({
      redis,
      config: config.store,
      name: 'dashboard',
      ...(options.signal && { signal: options.signal }),
    }),
  );
  const { partitions, secret, contests } = deployment;
  const log = opening.use(await openLogStore(config.store));
  const bench = opening.use(new BenchRunner(options.benchCommand, options.benchEnv));
  const clock = opening.use(followRedisClock(redis));
  const results = createResultsReader(redis, partitions, clock.now);
  const hub = opening.use(
    new ResultsHub({
      contests,
      results,
      readVersion: createVersionReader(redis, partitions),
      now: clock.now,
      tickMs: config.tickMs,
      isWatched: (): boolean => tail.viewers > 0,
      stored: createHistoryStore(redis),
    }),
  );
  const deletedLogs = opening.use(new DeletedLogs({ log, deleted: () => contests.saved().deleted, now: clock.now }));
  const tail = opening.use(new LogTail({ log, contests, redisStaleSince: () => hub.staleSince }));
  const system = createSystemReader(() => readSystem(redis, partitions, log));
  const history = opening.use(
    new SystemHistory({
      read: async () => {
        const [view, countDelayMs, logDelayMs, redisBytes, claims, events] = await Promise.all([
          system.read(),
          readGroupDelay(redis, partitions, TALLY_GROUP),
          readGroupDelay(redis, partitions, LOG_GROUP),
          readMemory(redis),
          readClaims(redis),
          readProcessEvents(redis, clock.now()),
        ]);
        return [view, { countDelayMs, logDelayMs, redisBytes, claims, events }];
      },
      now: clock.now,
      samples: openSampleStream(redis, { key: systemHistoryKey, stepMs: SAMPLE_MS, keepMs: HISTORY_MS }),
      record: (events, now) => recordProcessEvents(redis, events, now),
    }),
  );
  history.load().catch((error: unknown) => dashboardLog.warn({ fault: error }, 'Cannot read the system history'));
  const metrics = createMetrics({
    system,
    contests: createContestResults({ contests, results, now: clock.now }),
    build: config.build,
    viewers: () => ({ results: hub.viewers, log: tail.viewers }),
  });

  let stopping = false;
  const app = createDashboardApp({
    config,
    contests,
    results,
    hub,
    log,
    tail,
    voterKey: createVoterKey(secret),
    readOutcome: createOutcomeReader(redis, contests, config.store.voteIdWindowHours),
    sessions: new LogSessions(secret, config.tokens),
    system,
    history,
    deadLetters: {
      partitions,
      list: (partition) => listDeadLetters(redis, partition),
      replay: (letter) => replayDeadLetter(redis, letter),
      discard: (letter) => discardDeadLetter(redis, letter),
      replayState: (letter, newId) => replayState(redis, letter, newId),
    },
    bench,
    audit: createAuditLog(redis),
    deletedLogs,
    pages: loadStaticFiles(options.pagesFolder),
    metrics,
    now: clock.now,
    isReady: () => deployment.ready && !stopping,
  });

  const server = createHttpServer(getRequestListener(app.fetch, { overrideGlobalObjects: false }));
  server.listen({ port: config.port, host: config.host });
  await listenOnPort('DASHBOARD_PORT', config.port, () => once(server, 'listening'));

  const stores = opening.move();
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      stopping = true;
      const closed = once(server, 'close');
      server.close();
      hub[Symbol.dispose]();
      tail[Symbol.dispose]();
      // A connection that becomes idle during the stop would otherwise stay open for its next request.
      const idle = setInterval(() => {
        server.closeIdleConnections();
      }, 20);
      const forced = setTimeout(() => {
        server.closeAllConnections();
      }, STOP_MS);
      await closed;
      clearTimeout(forced);
      clearInterval(idle);
      await stores.disposeAsync();
    },
  };
}

function createHttpServer(listener: RequestListener): Server {
  const limits = {
    // Connections with slow headers or bodies are closed. By default Node checks only every 30 s.
    headersTimeout: 3000,
    requestTimeout: 5000,
    keepAliveTimeout: 10_000,
    connectionsCheckingInterval: 500,
  };
  const server = createServer(limits);
  boundConnections(server, listener, { reads: new TurnGate(), lingerMs: LINGER_MS });
  return server;
}

/** Time for a client to close its side of a connection after the last answer. */
const LINGER_MS = 1000;
