import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { problemCode } from '../../http/error-table.ts';
import { registerBuildInfo } from '../../telemetry/metrics/build-info.ts';
import type { Edge } from '../edge.ts';
import { COUNTED_TRANSPORTS } from '../vote/counters.ts';
import { registerRequestMetrics } from './request-metrics.ts';

/** The answer to `GET /metrics`. */
export interface EdgeMetrics {
  readonly contentType: string;
  text(): Promise<string>;
}

/** Collects metrics on request, so that a vote costs only a few additions. */
export function createEdgeMetrics(edge: Edge): EdgeMetrics {
  const registry = new Registry();
  const gauge = (name: string, help: string, read: () => number) => {
    const metric: Gauge = new Gauge({ name, help, registers: [registry], collect: () => metric.set(read()) });
  };
  gauge('votewire_ready', '1 while the edge accepts votes', () => (edge.ready() ? 1 : 0));
  gauge(
    'votewire_unavailable_partitions',
    'Partitions with a write in the last 10 s that Redis did not confirm, and none since',
    () => edge.groupCommit.unavailablePartitions.length,
  );
  gauge('votewire_buffered_bytes', 'Buffers of votes not yet confirmed', () => edge.groupCommit.bufferedBytes);
  gauge('votewire_waiting_clients', 'Clients that wait for their vote to be counted', () => edge.countWaiter.waiting);
  gauge('votewire_stream_entries', 'Entries in all vote streams', () => edge.redisMonitor.streamEntries);
  gauge('process_resident_memory_bytes', 'Resident memory', () => process.memoryUsage().rss);
  gauge('nodejs_heap_used_bytes', 'JavaScript heap in use', () => process.memoryUsage().heapUsed);
  gauge('nodejs_heap_total_bytes', 'JavaScript heap reserved', () => process.memoryUsage().heapTotal);
  gauge('nodejs_external_bytes', 'Buffers and WebAssembly memory', () => process.memoryUsage().external);
  const cpu: Counter = new Counter({
    name: 'process_cpu_seconds_total',
    help: 'User and system time',
    registers: [registry],
    collect() {
      const { user, system } = process.cpuUsage();
      cpu.reset();
      cpu.inc((user + system) / 1e6);
    },
  });
  const delay = eventLoopDelay();
  if (delay !== undefined) {
    // The registry reads metrics in order of creation, and the second of these resets the histogram.
    gauge('votewire_event_loop_delay_p99_seconds', 'Since the last scrape', () => delay.percentile(99) / 1e9);
    gauge('votewire_event_loop_delay_max_seconds', 'Since the last scrape', () => {
      const max = delay.max / 1e9;
      delay.reset();
      return max;
    });
  }
  const stored = new Histogram({
    name: 'votewire_store_seconds',
    help: 'From the first vote of an entry to its confirmation by Redis',
    buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1],
    registers: [registry],
  });
  edge.storeTimes.observe = (ms) => stored.observe(ms / 1000);
  const counters = votesByTransport(registry);
  registerRequestMetrics(registry, edge.meters);
  registerBuildInfo(registry, edge.config.build);
  return {
    contentType: registry.contentType,
    async text() {
      counters(edge);
      return await registry.metrics();
    },
  };
}

/** The ledger's columns, copied from the edge's counters at each scrape. */
function votesByTransport(registry: Registry): (edge: Edge) => void {
  const counter = (name: string, help: string, labelNames: string[]) =>
    new Counter({ name, help, labelNames, registers: [registry] });
  const offered = counter('votewire_votes_offered_total', 'Votes received by this edge', ['path']);
  const accepted = counter('votewire_votes_accepted_total', 'Votes that Redis confirmed', ['path']);
  const unknown = counter('votewire_votes_unknown_total', 'Votes sent to Redis and never confirmed', ['path']);
  const rejected = counter('votewire_votes_refused_total', 'Votes that were certainly not stored', ['path', 'code']);
  return (edge) => {
    for (const metric of [offered, accepted, unknown, rejected]) metric.reset();
    for (const { transport, name } of COUNTED_TRANSPORTS) {
      const counters = edge.counters.of(transport);
      offered.inc({ path: name }, counters.offered);
      accepted.inc({ path: name }, counters.accepted);
      unknown.inc({ path: name }, counters.unknown);
      for (const [code, votes] of counters.rejected) rejected.inc({ path: name, code: problemCode(code) }, votes);
    }
  };
}

/** Undefined if the runtime does not implement it. */
function eventLoopDelay(): ReturnType<typeof monitorEventLoopDelay> | undefined {
  try {
    const delay = monitorEventLoopDelay({ resolution: 20 });
    delay.enable();
    return delay;
  } catch {
    // Not every runtime implements it; the metric is then omitted.
    return undefined;
  }
}
