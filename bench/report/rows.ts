import type { Histogram } from 'hdr-histogram-js';
import hdr from 'hdr-histogram-js';
import { type Cell, modeOf } from '../cells/cell.ts';
import { cpuPerMillion, type Measurement, type Session, throughput } from '../runner/measurement.ts';
import type { BenchOutcome } from '../runner/run-cells.ts';
import { type Estimate, estimate, median } from '../statistics/median.ts';
import type { CostRow, LatencyMs, RoundRow, Row } from './report.ts';

/** The costs of a cell; undefined if it has no windows. An invalid window makes the row invalid. */
export function costRow(cell: Cell, outcome: BenchOutcome): CostRow | undefined {
  const { windows, sessions } = partsOf(cell, outcome);
  if (windows.length === 0) return undefined;
  const invalid = reasons(windows, sessions);
  return {
    id: cell.id,
    scenario: cell.block,
    transport: cell.transport,
    encoding: cell.encoding,
    codec: cell.codec,
    runtime: cell.runtime,
    rung: cell.server,
    mode: modeOf(cell.shape),
    contest: cell.contest,
    connections: cell.connections,
    streams: cell.streams,
    load: loadOf(cell),
    valid: invalid.length === 0,
    invalid,
    cpuSecondsPerMillion: estimateOrNull(windows.map((one) => cpuPerMillion(one, 'server'))),
    rounds: windows.map(roundRow),
  };
}

/** Summarizes the windows of a cell; undefined if there are none. */
export function summarize(cell: Cell, outcome: BenchOutcome): Row | undefined {
  const costs = costRow(cell, outcome);
  if (costs === undefined) return undefined;
  const { windows, sessions } = partsOf(cell, outcome);
  const calibration = median(outcome.measurements.map(({ calibrationMs }) => calibrationMs));
  const sum = (pick: (measurement: Measurement) => number) => windows.reduce((total, one) => total + pick(one), 0);
  const votes = sum(({ driver }) => driver.window.acknowledged);
  const throughputInterval = estimate(windows.map(throughput));
  const histograms = windows.map(({ driver }) => hdr.decodeFromCompressedBase64(driver.latency.histogram));
  const latencySamples = Math.min(...histograms.map(({ totalCount }) => totalCount));
  const histogram = mergeHistograms(histograms);
  const raw = mergeHistograms(windows.map(({ driver }) => hdr.decodeFromCompressedBase64(driver.latency.rawHistogram)));
  const rss = windows.flatMap(({ driver }) => serverOf(driver)?.rssBytes ?? []);
  const ioCalls = windows.flatMap(({ driver }) => serverOf(driver)?.ioCalls ?? []);
  return {
    ...costs,
    normalizedCpuSecondsPerMillion: estimateOrNull(
      windows.map((one) => (cpuPerMillion(one, 'server') * calibration) / one.calibrationMs),
    ),
    systemCallsPerVote: sessions.find((session) => session.systemCallsPerVote !== null)?.systemCallsPerVote ?? null,
    ioCallsPerVote: ioCalls.length === windows.length ? ioCalls.reduce((a, b) => a + b, 0) / votes : null,
    serverCpuShare: medianOrNull(windows.flatMap(serverShare)),
    redisCpuSecondsPerMillion: estimateOrNull(windows.map((one) => cpuPerMillion(one, 'redis'))),
    consumerCpuSecondsPerMillion: estimateOrNull(windows.map((one) => cpuPerMillion(one, 'consumer'))),
    throughput: throughputInterval.median,
    throughputInterval,
    latencyMs: histogram && percentilesMs(histogram),
    rawLatencyMs: raw && percentilesMs(raw),
    latencySamples: histogram ? latencySamples : 0,
    p99Ms: estimateOrNull(windows.map(({ driver }) => driver.latency.corrected.p99 / 1000)),
    histogram: histogram && hdr.encodeIntoCompressedBase64(histogram),
    bytesPerVote: {
      sent: sum(({ driver }) => driver.bytesOut) / votes,
      received: sum(({ driver }) => driver.bytesIn) / votes,
    },
    rssBytes: rss.length > 0 ? Math.max(...rss) : null,
    coldStartMs: estimateOrNull(sessions.map(({ coldStartMs }) => coldStartMs)),
    ...accountOf(sessions),
    failed: sum(({ driver }) => driver.total.failed),
    unknown: sum(({ driver }) => driver.total.unknown),
    generatorCpuShare: Math.max(...windows.map(({ driver }) => driver.generator.cpuShare)),
  };
}

function partsOf({ id }: Cell, { measurements, sessions }: BenchOutcome) {
  return {
    windows: measurements.filter(({ cell }) => cell === id),
    sessions: sessions.filter(({ cell }) => cell === id),
  };
}

function loadOf({ load }: Cell): Row['load'] {
  if (load.kind === 'closed') return 'closed';
  if (load.kind === 'open') return load.requestsPerSecond;
  return load.factor > 1 ? 'overload' : `${load.factor * 100}%`;
}

function reasons(windows: readonly Measurement[], sessions: readonly Session[]): string[] {
  const all = [...windows, ...sessions].flatMap(({ pass, invalid }) =>
    invalid.map((why) => `pass ${pass + 1}: ${why}`),
  );
  return [...new Set(all)];
}

function accountOf(sessions: readonly Session[]): Pick<Row, 'acknowledged' | 'stored' | 'counted'> {
  const audits = sessions.flatMap(({ audit }) => audit ?? []);
  const stores = audits.length === sessions.length && audits.length > 0;
  const sum = (pick: 'stored' | 'counted') => audits.reduce((total, audit) => total + audit[pick], 0);
  return {
    acknowledged: sessions.reduce((total, session) => total + session.acknowledged, 0),
    stored: stores ? sum('stored') : null,
    counted: stores ? sum('counted') : null,
  };
}

function roundRow(measurement: Measurement): RoundRow {
  const { pass, window, calibrationMs, invalid, driver } = measurement;
  const cpu = cpuPerMillion(measurement, 'server');
  return {
    pass,
    window,
    calibrationMs,
    cpuSecondsPerMillion: Number.isFinite(cpu) ? cpu : null,
    throughput: throughput(measurement),
    p99Ms: driver.latency.corrected.p99 / 1000,
    invalid,
  };
}

function serverOf({ usage }: Measurement['driver']) {
  return usage.find(({ name }) => name === 'server');
}

function serverShare({ driver }: Measurement): number[] {
  const spent = serverOf(driver)?.cpuSeconds ?? null;
  return spent === null ? [] : [spent / driver.seconds];
}

function medianOrNull(values: readonly number[]): number | null {
  return values.length > 0 ? median(values) : null;
}

function estimateOrNull(values: readonly number[]): Estimate | null {
  const known = values.filter(Number.isFinite);
  return known.length > 0 ? estimate(known) : null;
}

/** Merges all histograms into the first one. */
function mergeHistograms([first, ...others]: readonly Histogram[]): Histogram | null {
  if (first === undefined) return null;
  for (const other of others) first.add(other);
  return first;
}

function percentilesMs(histogram: Histogram): LatencyMs {
  const at = (percentile: number) => histogram.getValueAtPercentile(percentile) / 1000;
  return { p50: at(50), p90: at(90), p99: at(99), p999: at(99.9), max: histogram.maxValue / 1000 };
}
