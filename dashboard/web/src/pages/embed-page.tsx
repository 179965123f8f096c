import { countedWord, formatCount } from '../data/format.ts';
import { isStale, useLiveResults } from '../data/live-results.ts';
import { useSettings, voteAddress } from '../data/use-settings.ts';
import { OptionCounts } from '../parts/results/option-counts.tsx';
import { rankOptions } from '../parts/results/ranking.ts';
import { SpokenResults } from '../parts/results/spoken-results.tsx';
import { LinkBadge } from '../parts/shell/link-badge.tsx';
import { Notice } from '../parts/shell/notice.tsx';

/** One contest in a frame of another site: its counts, and a link to vote that opens outside the frame. */
export function EmbedPage({ id }: { id: string }) {
  const live = useLiveResults([id]);
  const settings = useSettings();
  const contest = live.details.get(id);
  const results = live.results.get(id);
  if (contest === undefined) {
    const isUnknown = live.contests?.every((known) => known.id !== id) === true;
    return (
      <main class="embed" id="main">
        {isUnknown ? <h1>Unknown contest</h1> : <Notice kind="loading" title="Loading …" />}
      </main>
    );
  }
  const total = results?.total ?? 0;
  return (
    <main class={isStale(live) ? 'embed is-stale' : 'embed'} id="main">
      <h1>{contest.title}</h1>
      {contest.resultsHidden ? (
        <p class="muted">Results are hidden until the vote closes.</p>
      ) : (
        <>
          <OptionCounts contest={contest} results={results} compact />
          <SpokenResults options={rankOptions(contest, results)} total={total} />
        </>
      )}
      <footer class="embed-foot">
        {!contest.resultsHidden && (
          <span>
            <strong>{formatCount(total)}</strong> {countedWord(contest.rule, total)}
          </span>
        )}
        <LinkBadge link={live.link} staleSince={live.staleSince} heardAt={live.heardAt} />
        {contest.status === 'open' && settings !== undefined && (
          <a class="button primary" href={voteAddress(settings, contest)} target="_blank" rel="noreferrer">
            Vote
          </a>
        )}
      </footer>
    </main>
  );
}
