import hdr from 'hdr-histogram-js';
import { allBlocks } from '../../cells/blocks.ts';
import { type Cell, isEdge } from '../../cells/cell.ts';
import type { DriverResult } from '../../load/job.ts';
import { mulberry32 } from '../../load/pool.ts';
import type { Measurement, Session } from '../../runner/measurement.ts';
import type { BenchOutcome } from '../../runner/run-cells.ts';
import { buildReport } from '../build-report.ts';
import type { Report } from '../report.ts';

export interface SampleOptions {
  readonly passes: number;
  /** CPU-seconds per million of a cell, before noise. Default: a plausible machine. */
  readonly cpu?: (cell: Cell) => number;
  /** Relative noise of each window, default 0.01. */
  readonly noise?: number | ((cell: Cell) => number);
  /** Slowdown factor of the machine in a window. Default: 1. */
  readonly slowdown?: (pass: number, window: number) => number;
  readonly seed?: number;
  /** The number of cells that were measured. Default: all. */
  readonly measured?: number;
}

const WINDOWS = 2;

/** A simulated outcome of a run. */
export function sampleOutcome(options: SampleOptions): BenchOutcome {
  const { passes, cpu = plausibleCpu, noise = 0.01, slowdown = () => 1, seed = 1, measured } = options;
  const random = mulberry32(seed);
  const noiseOf = typeof noise === 'number' ? () => noise : noise;
  const run = allCells().slice(0, measured);
  const measurements = Array.from({ length: passes }, (_, pass) =>
    run.flatMap((cell) =>
      Array.from({ length: WINDOWS }, (_unused, window) => {
        const speed = slowdown(pass, window);
        const cost = cpu(cell) * speed * (1 + noiseOf(cell) * (2 * random() - 1));
        return sampleMeasurement(cell, { pass, window, cost, calibrationMs: 5 * speed });
      }),
    ),
  ).flat();
  const sessions = Array.from({ length: passes }, (_, pass) => run.map((cell) => sampleSession(cell, pass))).flat();
  return { measurements, sessions, failures: [], repeated: [], interrupted: false, cutShort: false };
}

function allCells(): Cell[] {
  return allBlocks().flatMap((block) => block.cells);
}

/** A complete simulated report, for tests of derived values. */
export function sampleReport(options: SampleOptions): Report {
  const { passes } = options;
  return buildReport({
    createdAt: new Date('2026-04-01T12:00:00Z'),
    cells: allCells(),
    outcome: sampleOutcome(options),
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
      rounds: passes,
    })),
    limits: [
      {
        limit: 'XADD in Redis',
        work: 'JSON',
        cpuSecondsPerMillion: { median: 2.1, low: 2, high: 2.2 },
        rounds: passes,
      },
    ],
    settings: {
      rounds: passes,
      windows: WINDOWS,
      warmupMs: 900,
      measureMs: 800,
      quick: false,
      interrupted: false,
      cutShort: false,
      cpuPrice: 0.000024,
    },
    environment: {
      cpu: 'Sample processor',
      cores: 2,
      memoryBytes: 8 * 2 ** 30,
      os: 'linux 6.1',
      arch: 'x64',
      versions: { node: '24.21.0', bun: '1.4.5', deno: '2.9.5', go: null, rust: null, redis: '7.0.15' },
      commit: '0123456789ab',
      pinning: 'server 0, driver 1, redis 1, consumer 1',
      redis: 'appendonly yes',
      edgeEnv: { PARTITIONS: '4' },
      loadAverage: 0.2,
    },
  });
}

const SERVERS = {
  edge: 1,
  'edge-framework': 1.6,
  peer: 1.2,
  socket: 0.2,
  bare: 0.6,
  framework: 0.78,
  connect: 5,
  'grpc-js': 2,
  'http2-core': 0.2,
};

/** Plausible figures. */
export function plausibleCpu({ transport, encoding, codec, runtime, shape, server, load }: Cell): number {
  const base = { http1: 15, http2: 21, grpc: 18, connect: 24 }[transport];
  const language = { node: 1, bun: 0.6, deno: 0.7, go: 1, rust: 0.4 }[runtime];
  const reading = { wasm: 0.1, typescript: 0.11, own: 0.3, none: 0 }[codec] + (encoding === 'json' ? 0.25 : 0.3);
  const size = shape.kind === 'single' ? 1 : shape.kind === 'batch' ? shape.size : shape.size * 40;
  const idle = load.kind === 'open' ? 1 + 2000 / load.requestsPerSecond : 1;
  return ((base * SERVERS[server]) / size + reading) * language * idle;
}

/** Shared by all windows, because encoding a histogram takes milliseconds. */
const LATENCY = sampleLatency();

function sampleLatency(): DriverResult['latency'] {
  const histogram = hdr.build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: 10_000_000,
    numberOfSignificantValueDigits: 2,
  });
  for (let i = 1; i <= 1000; i++) histogram.recordValue(Math.round(360 / (1.0005 - i / 1000) ** 0.55));
  const at = (percentile: number) => histogram.getValueAtPercentile(percentile);
  const corrected = { p50: at(50), p90: at(90), p99: at(99), p999: at(99.9), max: histogram.maxValue };
  const encoded = hdr.encodeIntoCompressedBase64(histogram);
  return { corrected, raw: { ...corrected, p99: corrected.p99 * 0.8 }, histogram: encoded, rawHistogram: encoded };
}

interface Figures {
  readonly pass: number;
  readonly window: number;
  readonly cost: number;
  readonly calibrationMs: number;
}

function sampleMeasurement(cell: Cell, { pass, window, cost, calibrationMs }: Figures): Measurement {
  const rate = cell.load.kind === 'open' ? cell.load.requestsPerSecond : 1e6 / cost;
  const seconds = 1;
  const votes = Math.round(rate * seconds);
  const outcomes = { offered: votes, acknowledged: votes, failed: 0, unknown: 0 };
  const process = (name: string, perMillion: number) => ({
    name,
    cpuSeconds: (perMillion * votes) / 1e6,
    rssBytes: 120 * 2 ** 20,
    ioCalls: votes,
  });
  const driver: DriverResult = {
    seconds,
    window: outcomes,
    total: outcomes,
    failures: [],
    latency: LATENCY,
    bytesOut: votes * 190,
    bytesIn: votes * 230,
    usage: [process('server', cost), ...(isEdge(cell.server) ? [process('redis', 1.1), process('consumer', 3.2)] : [])],
    generator: { cpuShare: 0.3, due: votes, late: 0, unsent: 0 },
  };
  return { cell: cell.id, pass, window, invalid: [], driver, calibrationMs };
}

function sampleSession(cell: Cell, pass: number): Session {
  const votes = 10_000;
  const audit = { stored: votes, counted: votes, shown: votes, due: votes, trimmed: 0, stuck: '' };
  return {
    cell: cell.id,
    pass,
    invalid: [],
    acknowledged: votes,
    audit: isEdge(cell.server) ? audit : null,
    coldStartMs: 320,
    systemCallsPerVote: 2.1,
  };
}
