import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Edge } from '../edge.ts';
import { COUNTED_PATHS, refusedByCode } from '../vote/counters.ts';

/** What Prometheus reads. */
export interface EdgeMetrics {
  readonly contentType: string;
  text(): Promise<string>;
}

/** Figures are gathered when somebody asks: a vote pays for a few additions alone. */
export function createEdgeMetrics(edge: Edge): EdgeMetrics {
  const registry = new Registry();
  const gauge = (name: string, help: string, read: () => number) => {
    const metric: Gauge = new Gauge({ name, help, registers: [registry], collect: () => metric.set(read()) });
  };
  gauge('votewire_ready', '1 while votes can be taken in', () => (edge.ready() ? 1 : 0));
  gauge('votewire_buffered_bytes', 'Buffers of votes not yet confirmed', () => edge.producer.bufferedBytes);
  gauge('votewire_waiting_clients', 'Clients that wait for their vote to be counted', () => edge.watch.waiting);
  gauge('votewire_stream_entries', 'Entries in all vote streams', () => edge.pulse.streamEntries);
  gauge('process_resident_memory_bytes', 'Resident memory', () => process.memoryUsage().rss);
  gauge('nodejs_heap_used_bytes', 'Objects of JavaScript', () => process.memoryUsage().heapUsed);
  gauge('nodejs_heap_total_bytes', 'What is reserved for them', () => process.memoryUsage().heapTotal);
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
    // Read first, by the order in which they are made: the second one begins anew.
    gauge('votewire_event_loop_delay_p99_seconds', 'Since the last look', () => delay.percentile(99) / 1e9);
    gauge('votewire_event_loop_delay_max_seconds', 'Since the last look', () => {
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
  const counters = votesByPath(registry);
  return {
    contentType: registry.contentType,
    async text() {
      counters(edge);
      return await registry.metrics();
    },
  };
}

/** The ledger's columns; the counters are set to what the edge has counted. */
function votesByPath(registry: Registry): (edge: Edge) => void {
  const counter = (name: string, help: string, labelNames: string[]) =>
    new Counter({ name, help, labelNames, registers: [registry] });
  const offered = counter('votewire_votes_offered_total', 'Votes that were sent to this edge', ['path']);
  const accepted = counter('votewire_votes_accepted_total', 'Votes that Redis confirmed', ['path']);
  const unknown = counter('votewire_votes_unknown_total', 'Votes sent to Redis and never confirmed', ['path']);
  const refused = counter('votewire_votes_refused_total', 'Votes that were certainly not stored', ['path', 'code']);
  return (edge) => {
    for (const metric of [offered, accepted, unknown, refused]) metric.reset();
    for (const { path, name } of COUNTED_PATHS) {
      const counters = edge.counters.of(path);
      offered.inc({ path: name }, counters.offered);
      accepted.inc({ path: name }, counters.accepted);
      unknown.inc({ path: name }, counters.unknown);
      for (const { code, votes } of refusedByCode(counters)) refused.inc({ path: name, code }, votes);
    }
  };
}

/** Undefined where the runtime has no such thing. */
function eventLoopDelay(): ReturnType<typeof monitorEventLoopDelay> | undefined {
  try {
    const delay = monitorEventLoopDelay({ resolution: 20 });
    delay.enable();
    return delay;
  } catch {
    // Not every runtime implements it; the metric is left out there.
    return undefined;
  }
}
