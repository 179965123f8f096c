import { externalDrive } from '../load/external/external-drive.ts';
import type { ExternalTool } from '../load/external/external-run.ts';
import type { DriverJob, DriverResult, Load, Transport } from '../load/job.ts';
import { geometricMean } from '../statistics/ratio.ts';
import { openDriver } from '../targets/driver.ts';
import { startEdgeSystem } from '../targets/edge-system.ts';
import type { Placement } from '../targets/process/placement.ts';
import { cpuPerMillion } from './measurement.ts';

/** What an external load generator and our own one report about the same server. */
export interface LoadComparison {
  readonly tool: ExternalTool;
  readonly transport: Transport;
  readonly connections: number;
  readonly streams: number;
  /** CPU-seconds of the server per million votes. */
  readonly own: number;
  readonly external: number;
  readonly ratio: number;
  readonly within: boolean;
}

export interface CalibrateOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly placement: Placement;
}

const TOLERANCE = 0.05;
const SHAPES: readonly { tool: ExternalTool; transport: Transport; connections: number; streams: number }[] = [
  { tool: 'wrk', transport: 'http1', connections: 64, streams: 1 },
  { tool: 'h2load', transport: 'http2', connections: 4, streams: 32 },
  { tool: 'h2load', transport: 'grpc', connections: 4, streams: 32 },
  { tool: 'h2load', transport: 'grpc', connections: 64, streams: 1 },
  { tool: 'ghz', transport: 'grpc', connections: 64, streams: 1 },
];
/** ghz is slower than the server, so it cannot saturate it: then both send at the rate of ghz. */
const SLOW: ReadonlySet<ExternalTool> = new Set(['ghz']);

/** Drives one edge with both generators in turns, and compares the CPU time per vote that the edge spends. */
export async function calibrate(tool: ExternalTool, options: CalibrateOptions): Promise<LoadComparison[]> {
  const { placement } = options;
  const results: LoadComparison[] = [];
  for (const shape of SHAPES.filter((candidate) => candidate.tool === tool)) {
    await using system = await startEdgeSystem({
      runtime: 'node',
      codec: 'wasm',
      transport: shape.transport,
      placement,
    });
    const { rule, options: choices } = await system.contest('bandas');
    const job: DriverJob = {
      url: system.url,
      transport: shape.transport,
      encoding: shape.transport === 'grpc' ? 'protobuf' : 'json',
      shape: { kind: 'single' },
      connections: shape.connections,
      streams: shape.streams,
      workload: { contest: 'bandas', rule, options: choices, payload: 'small', seed: 1 },
      warmupMs: 1000,
      watch: system.watch,
    };
    await using driver = await openDriver(job, placement.driver);
    await driver.warmUp();
    const measureMs = options.seconds * 1000;
    let load: Load = { kind: 'closed' };
    const cpu: Record<'own' | 'external', number[]> = { own: [], external: [] };
    const perMillion = (result: DriverResult) => cpuPerMillion({ driver: result }, 'server');
    for (let round = 0; round < options.rounds; round++) {
      const turns = [
        async () => {
          const window = { load: { kind: 'closed' }, measureMs } as const;
          const result = await externalDrive(tool, job, { window, core: placement.driver });
          if (SLOW.has(tool)) load = { kind: 'open', requestsPerSecond: result.window.acknowledged / result.seconds };
          cpu.external.push(perMillion(result));
        },
        async () => cpu.own.push(perMillion(await driver.measure({ load, measureMs }))),
      ];
      for (const turn of round % 2 === 0 ? turns : turns.reverse()) await turn();
    }
    const [own, external] = [geometricMean(cpu.own), geometricMean(cpu.external)];
    results.push({ ...shape, own, external, ratio: own / external, within: Math.abs(own / external - 1) <= TOLERANCE });
  }
  return results;
}
