import type { LogStore } from '../../../store/log/log-store.ts';

/** Contests that the load votes in. A row checks its own contests itself. */
const CONTESTS = ['cats-vs-dogs', 'bandas'];

/** The votes of the load in the log. */
export interface Logged {
  /** How often each attempt is in the log. */
  readonly times: ReadonlyMap<string, number>;
  /** The partition of each attempt. */
  readonly partitions: ReadonlyMap<string, number>;
  /** Voter key in hex -> partition, of the one-per-voter contest. */
  readonly partitionOf: ReadonlyMap<string, number>;
}

export async function readLog(log: LogStore): Promise<Logged> {
  const times = new Map<string, number>();
  const partitions = new Map<string, number>();
  const partitionOf = new Map<string, number>();
  for await (const vote of log.scan({})) {
    if (!CONTESTS.includes(vote.contest)) continue;
    const id = vote.attributes.attempt ?? `${vote.partition}/${vote.entryId}/${vote.index}`;
    times.set(id, (times.get(id) ?? 0) + 1);
    partitions.set(id, vote.partition);
    if (vote.contest === 'cats-vs-dogs') partitionOf.set(Buffer.from(vote.voter).toString('hex'), vote.partition);
  }
  return { times, partitions, partitionOf };
}

/** Merges several logs. If copies contain the same attempt, the count of the last log applies. */
export function mergeLogs(logs: readonly Logged[]): Logged {
  return {
    times: new Map(logs.flatMap(({ times }) => [...times])),
    partitions: new Map(logs.flatMap(({ partitions }) => [...partitions])),
    partitionOf: new Map(logs.flatMap(({ partitionOf }) => [...partitionOf])),
  };
}
