import { Counter, Gauge, Registry } from 'prom-client';
import { type BuildInfo, registerBuildInfo } from '../../telemetry/metrics/build-info.ts';
import type { Consumer } from '../consumer.ts';

const COUNTERS = [
  ['counted', 'votewire_consumer_votes_counted_total', 'Votes handled by the tally'],
  ['logged', 'votewire_consumer_votes_logged_total', 'Votes written to the log'],
  ['dead', 'votewire_consumer_dead_letters_total', 'Entries that became dead letters'],
  ['lost', 'votewire_consumer_lost_entries_total', 'Pending entries that were gone from their stream'],
  ['conflicts', 'votewire_consumer_log_conflicts_total', 'Entries that were already in the log with other content'],
] as const;

/** Creates the consumer's metrics. Values are read when Prometheus scrapes, so they cost the workers nothing. */
export function createConsumerMetrics(consumer: Consumer, build: BuildInfo): Registry {
  const registry = new Registry();
  registerBuildInfo(registry, build);
  const counter = (name: string, help: string, read: () => number) => {
    const metric: Counter = new Counter({
      name,
      help,
      registers: [registry],
      collect() {
        metric.reset();
        metric.inc(read());
      },
    });
  };
  const gauge = (name: string, help: string, read: () => number) => {
    const metric: Gauge = new Gauge({ name, help, registers: [registry], collect: () => metric.set(read()) });
  };
  for (const [total, name, help] of COUNTERS) counter(name, help, () => consumer.totals[total]);
  gauge('votewire_consumer_ready', '1 while Redis answers this consumer', () => (consumer.ready ? 1 : 0));
  counter('process_cpu_seconds_total', 'User and system CPU time in seconds', () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  gauge('process_resident_memory_bytes', 'Resident memory size in bytes', () => process.memoryUsage.rss());
  return registry;
}
