import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { SystemView } from '../../../store/monitoring/system.ts';
import type { Results } from '../../../store/tally/results.ts';
import { type BuildInfo, registerBuildInfo } from '../../../telemetry/metrics/build-info.ts';
import type { DashboardEnv } from '../dashboard-env.ts';
import { createContestMetrics } from './contest-metrics.ts';

export interface MetricsOptions {
  readonly system: { read(): Promise<SystemView> };
  /** At most MAX_CONTESTS, none whose results are hidden. */
  readonly contests: () => Promise<readonly Results[]>;
  readonly build: BuildInfo;
  readonly viewers: () => { readonly results: number; readonly log: number };
}

export interface Metrics {
  readonly contentType: string;
  /** The Prometheus text. While Redis is unavailable, the figures that come from it are left out. */
  text(): Promise<string>;
  /** Measures each request. */
  readonly observe: MiddlewareHandler<DashboardEnv>;
}

/** The metrics of the dashboard, and those of the whole deployment, which are read at each scrape. */
export function createMetrics({ system, contests, build, viewers }: MetricsOptions): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  // These gauges have names of counters, which promtool reports.
  for (const name of ['handles', 'requests', 'resources']) registry.removeSingleMetric(`nodejs_active_${name}_total`);
  const registers = [registry];
  registerBuildInfo(registry, build);
  const showContests = createContestMetrics(registry);
  const requests = new Counter({
    name: 'votewire_dashboard_requests_total',
    help: 'Requests answered.',
    labelNames: ['method', 'route', 'status'] as const,
    registers,
  });
  const seconds = new Histogram({
    name: 'votewire_dashboard_request_seconds',
    help: 'Time to answer; for event streams, until they are open.',
    labelNames: ['route'] as const,
    buckets: [0.002, 0.01, 0.05, 0.2, 1, 5],
    registers,
  });
  const gauge = <T extends string>(name: string, help: string, labelNames: readonly T[] = []) =>
    new Gauge({ name: `votewire_${name}`, help, labelNames, registers });
  const watching = gauge('dashboard_viewers', 'Open event streams.', ['kind']);
  const up = gauge('system_readable', '1 if the state of the streams could be read.');
  const length = gauge('stream_length', 'Entries in the stream.', ['partition']);
  const lag = gauge('group_lag', 'Entries not yet delivered to a consumer.', ['partition', 'group']);
  const pending = gauge('group_pending', 'Entries delivered to a consumer and not acknowledged.', [
    'partition',
    'group',
  ]);
  const dead = gauge('dead_letters', 'Dead letters.', ['partition']);
  const alive = gauge('processes_alive', 'Processes with a fresh heartbeat.', ['role']);
  const ledgerVotes = gauge('ledger_votes', 'Votes by outcome.', ['column']);
  const ledgerEntries = gauge('ledger_entries', 'Stream entries by outcome.', ['column']);
  const ledgerOpen = gauge('ledger_open_entries', 'Entries that a group has not processed yet.');
  const ledgerGaps = gauge('ledger_gaps', 'Differences in the ledger; an alarm when the system is idle.');

  function show(view: SystemView): void {
    for (const row of view.partitions) {
      const partition = `${row.partition}`;
      length.set({ partition }, row.length);
      dead.set({ partition }, row.deadLetters);
      for (const group of row.groups) {
        if (group.lag !== null) lag.set({ partition, group: group.name }, group.lag);
        pending.set({ partition, group: group.name }, group.pending);
      }
    }
    alive.set({ role: 'consumer' }, view.consumers.filter((one) => one.alive).length);
    alive.set({ role: 'edge' }, view.edges.filter((one) => one.alive).length);
    const { intake, votes, entries, open, gaps } = view.ledger;
    for (const [column, value] of Object.entries({ ...intake, ...votes })) ledgerVotes.set({ column }, value);
    for (const [column, value] of Object.entries(entries)) ledgerEntries.set({ column }, value);
    ledgerOpen.set(open);
    ledgerGaps.set(gaps.length);
  }

  return {
    contentType: registry.contentType,
    async text() {
      const counts = viewers();
      watching.set({ kind: 'results' }, counts.results);
      watching.set({ kind: 'log' }, counts.log);
      for (const one of [length, lag, pending, dead, alive, ledgerVotes, ledgerEntries, ledgerOpen, ledgerGaps])
        one.reset();
      showContests([]);
      try {
        const [view, results] = await Promise.all([system.read(), contests()]);
        show(view);
        showContests(results);
        up.set(1);
      } catch {
        // Redis is unavailable, which is what this gauge reports.
        up.set(0);
      }
      return registry.metrics();
    },
    async observe(c, next) {
      const end = seconds.startTimer();
      await next();
      const { method } = c.req;
      // The route's pattern, never the path: one label per id would fill the memory.
      const route = c.res.status === 404 ? 'none' : routePath(c, -1);
      end({ route });
      requests.inc({
        method: ['GET', 'HEAD', 'POST', 'PATCH'].includes(method) ? method : 'other',
        route,
        status: c.res.status,
      });
    },
  };
}
