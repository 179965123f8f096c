import hdr from 'hdr-histogram-js';
import type { DriverResult } from '../load/job.ts';
import { mulberry32 } from '../load/pool.ts';
import type { Measurement } from '../runner/measurement.ts';
import { allVariants } from '../runner/scenarios.ts';
import type { Variant } from '../runner/variant.ts';
import { buildReport } from './build-report.ts';
import type { Report } from './report.ts';

/** What a made-up report is made of. */
export interface SampleOptions {
  readonly rounds: number;
  /** CPU-seconds per million of a variant, before noise. Default: a plausible machine. */
  readonly cpu?: (variant: Variant) => number;
  /** Relative noise, default 0.01. */
  readonly noise?: number;
  readonly seed?: number;
  /** How many of the variants were measured. Default: all. */
  readonly measured?: number;
}

/** A whole report without a measurement, for tests of what is made of one. */
export function sampleReport(options: SampleOptions): Report {
  const { rounds, cpu = plausibleCpu, noise = 0.01, seed = 1, measured } = options;
  const random = mulberry32(seed);
  const variants = allVariants();
  const measurements = Array.from({ length: rounds }, (_, round) =>
    variants
      .slice(0, measured)
      .map((variant) => sampleMeasurement(variant, round, cpu(variant) * (1 + noise * (2 * random() - 1)))),
  ).flat();
  return buildReport({
    createdAt: new Date('2026-04-01T12:00:00Z'),
    variants,
    outcome: {
      measurements,
      failures: [],
      repeated: [],
      interrupted: false,
      cutShort: false,
      yardstickMs: Array.from({ length: rounds }, () => 5),
      laterMeasureMs: 3000,
    },
    freshness: (['http', 'grpc'] as const).map((path) => ({
      path,
      samples: 50,
      backgroundRate: 1000,
      countedMs: { p50: 3.1, p90: 5.2, p99: 9.8, p999: 11, max: 11 },
      shownMs: { p50: 104, p90: 190, p99: 205, p999: 211, max: 211 },
    })),
    codecs: (['wasm', 'typescript'] as const).map((codec) => ({
      codec,
      work: 'JSON',
      bytesPerVote: 80,
      nanosecondsPerVote: codec === 'wasm' ? { median: 80, low: 79, high: 82 } : { median: 400, low: 396, high: 405 },
      rounds,
    })),
    settings: {
      rounds,
      warmupMs: 1500,
      measureMs: 3000,
      laterMeasureMs: 3000,
      quick: false,
      interrupted: false,
      cutShort: false,
      driver: 'own',
      target: null,
      cpuPrice: 0.000024,
      votesPerSecond: 1000,
    },
    environment: {
      cpu: 'Sample processor',
      cores: 2,
      memoryBytes: 8 * 2 ** 30,
      os: 'linux 6.1',
      arch: 'x64',
      versions: { node: '24.21.0', bun: '1.4.5', deno: '2.9.5', go: null, redis: '7.0.15' },
      commit: '0123456789ab',
      pinning: 'server 0, driver 1, redis 1, consumer 1',
      redis: 'appendonly yes',
      edgeEnv: { PARTITIONS: '4' },
      loadAverage: 0.2,
    },
  });
}

/** Figures of the size that this machine class shows. */
export function plausibleCpu({ transport, codec, runtime, shape, rung, connections, payload }: Variant): number {
  const base = { http1: 15, http2: 21, grpc: 17, connect: 24 }[transport];
  const factor = { node: 1, bun: 0.6, deno: 0.7, go: 1 }[runtime];
  const perVote = (transport.startsWith('http') ? 0.25 : 0.3) + (codec === 'typescript' ? 0.5 : 0.1);
  const size = shape.kind === 'single' ? 1 : shape.kind === 'batch' ? shape.size : shape.size * 40;
  const rungs = { bare: 0.6, framework: 0.78, codec: 0.82, edge: 1, connect: 5, 'grpc-js': 2, peer: 1 }[rung];
  const few = connections < 8 ? 1.15 : 1;
  return ((base * rungs * few) / size + perVote) * factor * (payload === 'small' ? 1 : 1.12);
}

function sampleMeasurement(variant: Variant, round: number, cpuPerMillion: number): Measurement {
  const rate =
    typeof variant.load === 'object' && variant.load.kind === 'open'
      ? variant.load.requestsPerSecond
      : 1e6 / cpuPerMillion;
  const seconds = 3;
  const votes = Math.round(rate * seconds);
  const outcomes = { offered: votes, acknowledged: votes, failed: 0, unknown: 0 };
  const histogram = hdr.build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: 600_000_000,
    numberOfSignificantValueDigits: 3,
  });
  for (let i = 1; i <= 1000; i++)
    histogram.recordValue(Math.round((300 + cpuPerMillion * 4) / (1.0005 - i / 1000) ** 0.55));
  const at = (percentile: number) => histogram.getValueAtPercentile(percentile);
  const corrected = { p50: at(50), p90: at(90), p99: at(99), p999: at(99.9), max: histogram.maxValue };
  const raw = { ...corrected, p99: corrected.p99 * 0.8, p999: corrected.p999 * 0.6, max: corrected.max * 0.5 };
  const usage = [
    { name: 'server', cpuSeconds: (cpuPerMillion * votes) / 1e6, rssBytes: 120 * 2 ** 20 },
    { name: 'redis', cpuSeconds: (1.1 * votes) / 1e6, rssBytes: 20 * 2 ** 20 },
    { name: 'consumer', cpuSeconds: (3.2 * votes) / 1e6, rssBytes: 90 * 2 ** 20 },
  ];
  const driver: DriverResult = {
    driver: 'own',
    seconds,
    window: outcomes,
    total: outcomes,
    failures: [],
    latency: {
      corrected,
      raw,
      histogram: hdr.encodeIntoCompressedBase64(histogram),
      rawHistogram: hdr.encodeIntoCompressedBase64(histogram),
    },
    bytesOut: votes * 190,
    bytesIn: votes * 230,
    usage: variant.rung === 'edge' ? usage : usage.slice(0, 1),
    generator: { cpuShare: 0.3, due: votes, late: 0, unsent: 0 },
    rows: Array.from({ length: seconds }, (_, second) => ({
      second,
      acknowledged: Math.round(rate * (1 + 0.02 * Math.sin(second + round))),
      failed: 0,
      unknown: 0,
      p50: corrected.p50,
      p99: corrected.p99,
      usage: [],
    })),
  };
  const audit =
    variant.rung === 'edge' ? { stored: votes, counted: votes, shown: votes, due: votes, trimmed: 0, stuck: '' } : null;
  return {
    variant: variant.id,
    round,
    invalid: [],
    driver,
    acknowledged: votes,
    audit,
    coldStartMs: 320,
    eventLoopDelayMs: 11.2,
  };
}
