import type { Histogram } from 'hdr-histogram-js';
import hdr from 'hdr-histogram-js';
import { cpuPerMillion, type Measurement, throughput } from '../runner/measurement.ts';
import { modeOf, type Variant } from '../runner/variant.ts';
import { type Estimate, estimate, median } from '../statistics/median.ts';
import type { LatencyMs, RoundRow, Row } from './report.ts';

/** Sums a variant's measurements up; undefined where there is none. Invalid ones stay in, and make the row invalid. */
export function summarize(variant: Variant, all: readonly Measurement[]): Row | undefined {
  const measurements = all.filter((measurement) => measurement.variant === variant.id);
  if (measurements.length === 0) return undefined;
  const sum = (pick: (measurement: Measurement) => number) => measurements.reduce((total, m) => total + pick(m), 0);
  const audits = measurements.map(({ audit }) => audit).filter((audit) => audit !== null);
  const audited = audits.length === measurements.length;
  const { load } = variant;
  const driver = measurements[0]?.driver.driver ?? 'own';
  const invalid = [
    ...new Set(measurements.flatMap(({ round, invalid: reasons }) => reasons.map((r) => `round ${round + 1}: ${r}`))),
  ];
  const throughputInterval = estimate(measurements.map(throughput));
  const votes = sum(({ driver }) => driver.window.acknowledged);
  const histogram = mergeHistograms(measurements.flatMap(({ driver }) => driver.latency?.histogram ?? []));
  const raw = mergeHistograms(measurements.flatMap(({ driver }) => driver.latency?.rawHistogram ?? []));
  const rss = measurements.flatMap(({ driver }) => driver.usage.find(({ name }) => name === 'server')?.rssBytes ?? []);
  return {
    id: variant.id,
    driver,
    scenario: variant.scenario,
    transport: variant.transport,
    codec: variant.codec,
    runtime: variant.runtime,
    rung: variant.rung,
    mode: modeOf(variant.shape),
    payload: variant.payload,
    contest: variant.contest,
    connections: variant.connections,
    streams: variant.streams,
    load: load.kind === 'open' ? load.requestsPerSecond : load.kind,
    valid: invalid.length === 0,
    invalid,
    cpuSecondsPerMillion: cpuEstimate(measurements, 'server'),
    serverCpuShare: medianOrNull(measurements.flatMap(serverShare)),
    redisCpuSecondsPerMillion: cpuEstimate(measurements, 'redis'),
    consumerCpuSecondsPerMillion: cpuEstimate(measurements, 'consumer'),
    throughput: throughputInterval.median,
    throughputInterval,
    latencyMs: histogram && percentilesMs(histogram),
    rawLatencyMs: raw && percentilesMs(raw),
    p99Ms: estimateOrNull(measurements.flatMap(({ driver }) => toMs(driver.latency?.corrected.p99) ?? [])),
    histogram: histogram && hdr.encodeIntoCompressedBase64(histogram),
    bytesPerVote: {
      sent: driver === 'own' ? sum((m) => m.driver.bytesOut ?? Number.NaN) / votes : null,
      received: sum(({ driver }) => driver.bytesIn) / votes,
    },
    rssBytes: rss.length > 0 ? Math.max(...rss) : null,
    eventLoopDelayMs: estimateOrNull(measurements.flatMap((m) => m.eventLoopDelayMs ?? [])),
    coldStartMs: estimateOrNull(measurements.flatMap((m) => m.coldStartMs ?? [])),
    acknowledged: sum(({ acknowledged }) => acknowledged),
    stored: audited ? audits.reduce((total, { stored }) => total + stored, 0) : null,
    counted: audited ? audits.reduce((total, { counted }) => total + counted, 0) : null,
    failed: sum(({ driver }) => driver.total.failed),
    unknown: sum(({ driver }) => driver.total.unknown),
    generatorCpuShare: Math.max(...measurements.map(({ driver }) => driver.generator.cpuShare)),
    rounds: measurements.map(roundRow),
  };
}

function roundRow(measurement: Measurement): RoundRow {
  const cpu = cpuPerMillion(measurement, 'server');
  return {
    round: measurement.round,
    cpuSecondsPerMillion: Number.isFinite(cpu) ? cpu : null,
    throughput: throughput(measurement),
    p99Ms: toMs(measurement.driver.latency?.corrected.p99) ?? null,
    invalid: measurement.invalid,
    seconds: measurement.driver.rows,
  };
}

function serverShare({ driver }: Measurement): number[] {
  const spent = driver.usage.find(({ name }) => name === 'server')?.cpuSeconds ?? null;
  return spent === null ? [] : [spent / driver.seconds];
}

function medianOrNull(values: readonly number[]): number | null {
  return values.length > 0 ? median(values) : null;
}

function cpuEstimate(measurements: readonly Measurement[], process: string): Estimate | null {
  return estimateOrNull(measurements.map((m) => cpuPerMillion(m, process)).filter(Number.isFinite));
}

function estimateOrNull(values: readonly number[]): Estimate | null {
  return values.length > 0 ? estimate(values) : null;
}

function toMs(microseconds: number | undefined): number | undefined {
  return microseconds === undefined ? undefined : microseconds / 1000;
}

function mergeHistograms(encoded: readonly string[]): Histogram | null {
  const [first, ...others] = encoded.map((text) => hdr.decodeFromCompressedBase64(text));
  if (first === undefined) return null;
  for (const other of others) first.add(other);
  return first;
}

function percentilesMs(histogram: Histogram): LatencyMs {
  const at = (percentile: number) => histogram.getValueAtPercentile(percentile) / 1000;
  return { p50: at(50), p90: at(90), p99: at(99), p999: at(99.9), max: histogram.maxValue / 1000 };
}
