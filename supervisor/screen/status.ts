import type { Contest } from '../../store/contests/contest.ts';
import type { ContestStore } from '../../store/contests/contest-store.ts';
import { readSystem, type SystemView } from '../../store/monitoring/system.ts';
import type { Redis } from '../../store/redis/redis.ts';
import type { ResultsReader } from '../../store/tally/read-results.ts';
import type { Results } from '../../store/tally/results.ts';

/** The vote figures of the status screen, read once a second. */
export interface Status {
  readonly contests: readonly { readonly contest: Contest; readonly results: Results }[];
  /** Votes per second since the last reading, per transport. */
  readonly rates: Readonly<Record<VotePathName, number>>;
  /** Stream entries per group that are not yet delivered or not yet acknowledged. */
  readonly lag: { readonly tally: number; readonly log: number };
  readonly deadLetters: number;
}

export const PATH_NAMES = ['http', 'grpc', 'connect'] as const;
export type VotePathName = (typeof PATH_NAMES)[number];
type PathCounts = Readonly<Record<VotePathName, number>>;

export interface StatusSource {
  /** Rejects while Redis is unavailable. */
  read(): Promise<Status>;
}

interface StatusSourceOptions {
  readonly redis: Redis;
  readonly partitions: number;
  readonly contests: ContestStore;
  readonly results: ResultsReader;
  /** Votes accepted so far, per transport; undefined while the edge does not answer. */
  readonly readAccepted: () => Promise<PathCounts | undefined>;
}

export function createStatusSource(options: StatusSourceOptions): StatusSource {
  let last: { at: number; counts: PathCounts } | undefined;

  /** A restarted edge counts from 0 again, so the rate is unknown until the next reading. */
  const rates = async (): Promise<PathCounts> => {
    const counts = await options.readAccepted();
    const at = performance.now();
    const before = last;
    last = counts && { at, counts };
    const rate = (path: VotePathName) => {
      if (before === undefined || counts === undefined) return 0;
      return Math.max(0, ((counts[path] - before.counts[path]) * 1000) / (at - before.at));
    };
    return { http: rate('http'), grpc: rate('grpc'), connect: rate('connect') };
  };

  return {
    async read() {
      const [contests, system, perSecond] = await Promise.all([
        Promise.all(
          options.contests.list().map(async (contest) => ({ contest, results: await options.results.read(contest) })),
        ),
        readSystem(options.redis, options.partitions),
        rates(),
      ]);
      return {
        contests,
        rates: perSecond,
        lag: { tally: lagOf(system, 'tally'), log: lagOf(system, 'log') },
        deadLetters: system.ledger.entries.waiting,
      };
    },
  };
}

function lagOf(system: SystemView, name: string): number {
  const group = system.groups.find((candidate) => candidate.name === name);
  return (group?.lag ?? 0) + (group?.pending ?? 0);
}
