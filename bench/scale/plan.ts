import { type CostModel, costAt } from './cost-model.ts';
import { COMPONENTS, type Component } from './measure-scale.ts';

export interface PlanInput {
  readonly votesPerSecond: number;
  readonly voters: number;
  /** Votes per request. */
  readonly batch: number;
  /** The share of a core that a process may use on average; the rest is reserved for peaks. */
  readonly utilization: number;
  /** US dollars per vCPU-hour and per GiB-hour of memory. */
  readonly cpuHourPrice: number;
  readonly memoryHourPrice: number;
}

export interface Plan {
  readonly processes: Readonly<Record<Component, number>>;
  readonly cores: Readonly<Record<Component, number>>;
  readonly partitions: number;
  readonly redisMemoryBytes: number;
  readonly networkBitsPerSecond: number;
  readonly dollarsPerHour: number;
  /** Redis commands per second without load, over all processes; the only term that is independent of the votes. */
  readonly idleCommandsPerSecond: number;
  /** Parameters beyond the measured points. */
  readonly extrapolations: readonly string[];
}

/** Streams keep an entry for a few seconds after it is counted and logged. */
const STREAM_SECONDS = 10;
/** Redis needs memory for its buffers, and for copy-on-write while it rewrites its append-only file. */
const REDIS_OVERHEAD = 1.5;
const GIB = 2 ** 30;

/** Computes the deployment for a load from the measured cost of each component. */
export function makePlan(input: PlanInput, model: CostModel): Plan {
  const { votesPerSecond, voters, batch, utilization } = input;
  const coresOf = (name: Component) => (votesPerSecond * costAt(model.cost[name], batch)) / 1e6;
  // Every component is one thread, so a process uses at most one core.
  const processesOf = (name: Component) => Math.max(1, Math.ceil(coresOf(name) / utilization - 1e-9));
  const each = (of: (name: Component) => number) =>
    ({ edge: of('edge'), redis: of('redis'), tally: of('tally'), log: of('log') }) satisfies Record<Component, number>;
  const [cores, processes] = [each(coresOf), each(processesOf)];
  const partitions = nextPowerOfTwo(Math.max(4, processes.redis, processes.tally, processes.log));
  const bytesPerVote = costAt(model.bytesPerVote, batch);
  const redisMemoryBytes =
    (voters * model.bytesPerVoter + votesPerSecond * STREAM_SECONDS * bytesPerVote) * REDIS_OVERHEAD;
  const allCores = COMPONENTS.reduce((sum, name) => sum + processes[name], 0);
  const consumers = processes.tally + processes.log;
  return {
    processes,
    cores,
    partitions,
    redisMemoryBytes,
    networkBitsPerSecond: votesPerSecond * bytesPerVote * 8,
    dollarsPerHour: allCores * input.cpuHourPrice + (redisMemoryBytes / GIB) * input.memoryHourPrice,
    idleCommandsPerSecond: idleCommands(model, partitions, consumers),
    extrapolations: beyond(input, model, processes, partitions),
  };
}

/** Each consumer reads its own share of the partitions, and claims from all of them. */
function idleCommands(
  { idleCommands: { fixed, perPartition } }: CostModel,
  partitions: number,
  consumers: number,
): number {
  return fixed * consumers + perPartition * partitions;
}

function beyond(
  { votesPerSecond, batch, voters }: PlanInput,
  { points }: CostModel,
  processes: Readonly<Record<Component, number>>,
  partitions: number,
): string[] {
  const most = (of: (point: (typeof points)[number]) => number) => Math.max(...points.map(of));
  const batches = points.map((point) => point.batch);
  const fastest = Math.round(most((point) => point.votesPerSecond));
  const rules: [applies: boolean, text: string][] = [
    [
      votesPerSecond > fastest,
      `rate: measured up to ${fastest.toLocaleString('en')} votes/s on one machine; beyond it the cost per vote is assumed to stay the same`,
    ],
    [
      batch < Math.min(...batches) || batch > Math.max(...batches),
      `batch: measured from ${Math.min(...batches)} to ${Math.max(...batches)} votes per request`,
    ],
    [
      processes.redis > most(({ masters }) => masters),
      `Redis masters: measured up to ${most(({ masters }) => masters)}`,
    ],
    [partitions > most((point) => point.partitions), `partitions: measured up to ${most((point) => point.partitions)}`],
    [processes.edge > 1, 'edges: measured with one; they share nothing but Redis'],
    [voters > 100_000, 'voters: bytes per voter are measured with 33,000 voters'],
  ];
  return rules.flatMap(([applies, text]) => (applies ? [text] : []));
}

function nextPowerOfTwo(value: number): number {
  return 2 ** Math.ceil(Math.log2(value));
}
