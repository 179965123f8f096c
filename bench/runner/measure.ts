import { setTimeout as delay } from 'node:timers/promises';
import type { DriverJob, Load } from '../load/job.ts';
import type { OwnGenerator } from '../targets/own-generator.ts';
import type { Placement } from '../targets/placement.ts';
import type { System } from '../targets/system.ts';
import { judge, type Measurement } from './measurement.ts';
import type { Variant } from './variant.ts';

/** The same seed in each round and for both sides: the same votes. */
const SEED = 20_260_401;

export interface MeasureOptions {
  readonly round: number;
  readonly placement: Placement;
  readonly warmupMs: number;
  readonly measureMs: number;
  /** Requests per second for a load that depends on another variant's throughput. */
  readonly requestsPerSecond?: number;
  readonly generator: OwnGenerator;
}

/**
 * Drives a variant at a system that runs, waits until every vote is decided, and judges the outcome.
 *
 * @throws {Error} where the system can't be driven at all
 */
export async function measure(variant: Variant, system: System, options: MeasureOptions): Promise<Measurement> {
  const { rule, options: choices } = await system.contest(variant.contest);
  const overGrpc = variant.transport === 'grpc' || variant.transport === 'connect';
  const job: DriverJob = {
    url: overGrpc ? system.grpcUrl : system.httpUrl,
    transport: variant.transport,
    shape: variant.shape,
    connections: variant.connections,
    streams: variant.streams,
    load: resolveLoad(variant, options),
    workload: { contest: variant.contest, rule, options: choices, payload: variant.payload, seed: SEED },
    warmupMs: options.warmupMs,
    measureMs: options.measureMs,
    watch: system.watch,
  };
  const { acknowledgedBefore } = system;
  // A look begins the gauges anew: they are of the window, and not of the warm-up.
  const driver = await options.generator.drive(job, options.placement.driver, () => system.gauges());
  const acknowledged = acknowledgedBefore + driver.total.acknowledged;
  const { eventLoopDelayMs } = await system.gauges();
  // A vote whose connection was cut may still be on its way into the stream.
  if (driver.total.unknown > 0) await delay(1500);
  const audit = (await system.audit?.()) ?? null;
  const invalid = judge({ driver, acknowledged, audit }, variant);
  const { coldStartMs } = system;
  return {
    variant: variant.id,
    round: options.round,
    invalid,
    driver,
    acknowledged,
    audit,
    coldStartMs,
    eventLoopDelayMs,
  };
}

function resolveLoad({ load }: Variant, { requestsPerSecond }: MeasureOptions): Load {
  if (!('of' in load)) return load;
  if (requestsPerSecond === undefined) throw new Error(`${load.of}, whose rate it follows, was not measured`);
  const factor = load.kind === 'overload' ? load.factor : 1;
  return { kind: 'open', requestsPerSecond: requestsPerSecond * factor };
}
