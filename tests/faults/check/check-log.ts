import type { LogStore } from '../../../store/log/log-store.ts';
import type { Attempt } from '../load/attempt.ts';
import type { Finding } from './findings.ts';

/** What the log holds of a run. */
export interface Logged {
  /** How often each attempt is in it. */
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
    const id = vote.attributes.attempt ?? `${vote.partition}/${vote.entryId}/${vote.index}`;
    times.set(id, (times.get(id) ?? 0) + 1);
    partitions.set(id, vote.partition);
    if (vote.contest === 'cats-vs-dogs') partitionOf.set(Buffer.from(vote.voter).toString('hex'), vote.partition);
  }
  return { times, partitions, partitionOf };
}

/** One log of several. An attempt that several of them hold, as copies do, counts as often as the last of these has it. */
export function mergeLogs(logs: readonly Logged[]): Logged {
  return {
    times: new Map(logs.flatMap(({ times }) => [...times])),
    partitions: new Map(logs.flatMap(({ partitions }) => [...partitions])),
    partitionOf: new Map(logs.flatMap(({ partitionOf }) => [...partitionOf])),
  };
}

/** I3 and I5: the log has every acknowledged submission once, and nothing that was rejected or never sent. */
export function checkLog(attempts: readonly Attempt[], { times: logged }: Logged, violations: string[]): Finding {
  let lost = 0;
  let double = 0;
  for (const attempt of attempts) {
    const times = logged.get(attempt.id) ?? 0;
    if (attempt.outcome === 'ok' && times === 0) {
      lost++;
      violations.push(`attempt ${attempt.id} was acknowledged and is not in the log`);
    }
    if (attempt.outcome === 'failed' && times > 0) {
      violations.push(`attempt ${attempt.id} was rejected (${attempt.detail}) and is in the log`);
    }
    if (times > 1) {
      double += times - 1;
      violations.push(`attempt ${attempt.id} is in the log ${times} times`);
    }
  }
  const known = new Set(attempts.map((attempt) => attempt.id));
  for (const id of logged.keys()) if (!known.has(id)) violations.push(`${id} is in the log and was never sent`);
  return { lost, double };
}
