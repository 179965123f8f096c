import type { Contest } from '../../store/contests/contest.ts';
import type { ContestStore } from '../../store/contests/contests.ts';
import { readSystem, type SystemView } from '../../store/monitoring/system.ts';
import type { Redis } from '../../store/redis/redis.ts';
import type { ResultsReader } from '../../store/tally/read-results.ts';
import type { Results } from '../../store/tally/results.ts';

/** What the status screen shows of votes, read once a second. */
export interface Status {
  readonly contests: readonly { readonly contest: Contest; readonly results: Results }[];
  /** Votes a second since the reading before, per path. */
  readonly rates: Readonly<Record<VotePathName, number>>;
  /** Entries of the streams that wait for their group, or are being worked on. */
  readonly lag: { readonly tally: number; readonly log: number };
  readonly deadLetters: number;
}

export const PATH_NAMES = ['http', 'grpc', 'connect'] as const;
export type VotePathName = (typeof PATH_NAMES)[number];
type PathCounts = Readonly<Record<VotePathName, number>>;

export interface StatusSource {
  /** Rejects while Redis is away. */
  read(): Promise<Status>;
}

export interface StatusSourceOptions {
  readonly redis: Redis;
  readonly partitions: number;
  readonly contests: ContestStore;
  readonly results: ResultsReader;
  /** Votes taken in so far, per path; undefined while the edge does not say. */
  readonly readAccepted: () => Promise<PathCounts | undefined>;
}

export function createStatusSource(options: StatusSourceOptions): StatusSource {
  let last: { at: number; counts: PathCounts } | undefined;

  /** An edge that started anew counts from 0 again: nothing is known of the rate until the next reading. */
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
