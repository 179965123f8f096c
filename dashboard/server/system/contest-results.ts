import { type Contest, contestStatus, resultsHidden } from '../../../store/contests/contest.ts';
import type { Results } from '../../../store/tally/results.ts';

interface ContestResultsOptions {
  readonly contests: { list(): readonly Contest[] };
  readonly results: { read(contest: Contest): Promise<Results> };
  /** Redis's clock, in milliseconds since 1970. */
  readonly now: () => number;
}

/** Maximum number of contests with metrics; each costs series in Prometheus and Redis reads at every scrape. */
const MAX_CONTESTS = 20;

/** Reads the results that are public: of open contests first, then of the most recently closed ones. */
export function createContestResults({
  contests,
  results,
  now,
}: ContestResultsOptions): () => Promise<readonly Results[]> {
  return async () => {
    const time = now();
    const shown = contests.list().filter((contest) => !resultsHidden(contest, time));
    const rank = (contest: Contest) => (contestStatus(contest, time) === 'closed' ? closedMs(contest) : time);
    const latest = shown.toSorted((a, b) => rank(b) - rank(a)).slice(0, MAX_CONTESTS);
    return await Promise.all(latest.map((contest) => results.read(contest)));
  };
}

function closedMs({ closesAt }: Contest): number {
  return closesAt === null ? 0 : Date.parse(closesAt);
}
