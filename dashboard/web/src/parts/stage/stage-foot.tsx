import type { ContestView } from '../../../../api/contests.ts';
import { countedWord, formatCount, formatRate } from '../../data/format.ts';
import type { LiveResults, Results } from '../../data/live-results.ts';
import { useCountdown } from '../../data/use-countdown.ts';
import { isLocal, useSettings, voteAddress } from '../../data/use-settings.ts';
import { QrImage } from '../contests/qr-image.tsx';
import { LinkBadge } from '../shell/link-badge.tsx';

export interface StageFootProps {
  readonly contest: ContestView;
  readonly results: Results | undefined;
  /** Votes per second. */
  readonly rate: number;
  readonly live: LiveResults;
}

/** The figures of a contest, its countdown, and where to vote. */
export function StageFoot({ contest, results, rate, live }: StageFootProps) {
  const settings = useSettings();
  const opensIn = useCountdown(contest.status === 'scheduled' ? contest.opensAt : null);
  const closesIn = useCountdown(contest.status === 'open' ? contest.closesAt : null);
  const total = results?.total ?? 0;
  // Before the first vote the hall needs the address more than empty bars.
  const isJoining = contest.status === 'scheduled' || (contest.status === 'open' && total === 0);
  const address = settings === undefined ? undefined : voteAddress(settings, contest);
  return (
    <footer class={isJoining ? 'stage-foot joining' : 'stage-foot'}>
      <ul class="stage-figures">
        {!contest.resultsHidden && (
          <>
            <li>
              <strong>{formatCount(total)}</strong>
              <span>{countedWord(contest.rule, total)}</span>
            </li>
            <li>
              <strong>{formatRate(rate)}</strong>
              <span>votes per second</span>
            </li>
          </>
        )}
        <li class="stage-state">
          <LinkBadge link={live.link} staleSince={live.staleSince} heardAt={live.heardAt} />
        </li>
      </ul>
      {(opensIn ?? closesIn) !== undefined && (
        <p class="stage-countdown" role="timer">
          {opensIn === undefined ? 'Closes in' : 'Opens in'} <strong>{opensIn ?? closesIn}</strong>
        </p>
      )}
      {address !== undefined && contest.status !== 'closed' && <VoteAt address={address} />}
      {contest.status === 'closed' && <p class="stage-closed">Voting is closed</p>}
      {contest.status === 'paused' && <p class="stage-closed">Voting is paused</p>}
    </footer>
  );
}

function VoteAt({ address }: { address: string }) {
  return (
    <div class="stage-vote">
      <p>
        Vote at
        <br />
        <strong>{breakable(address)}</strong>
        {isLocal(address) && <span class="stage-warn">Only this machine can open this address</span>}
      </p>
      <QrImage text={address} label={`QR code of ${address}`} />
    </div>
  );
}

/** The address without its scheme, with break opportunities after slashes only. */
function breakable(address: string): string {
  return address.replace(/^https?:\/\//, '').replaceAll('/', '/\u200b');
}
