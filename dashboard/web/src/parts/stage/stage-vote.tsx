import type { ContestView } from '../../../../api/contests.ts';
import { isLocal, useSettings, voteAddress } from '../../data/use-settings.ts';
import { QrImage } from '../contests/qr-image.tsx';

export interface StageVoteProps {
  readonly contest: ContestView;
  readonly total: number;
}

/** The address to vote at and its QR code, for everyone in the hall. Empty after the close. */
export function StageVote({ contest, total }: StageVoteProps) {
  const settings = useSettings();
  if (settings === undefined || contest.status === 'closed') return null;
  const address = voteAddress(settings, contest);
  // Before the first vote, the audience needs the address more than empty bars.
  const isJoining = contest.status === 'scheduled' || (contest.status === 'open' && total === 0);
  const parts = address.replace(/^https?:\/\//, '').split('/');
  return (
    <aside class={isJoining ? 'stage-vote joining' : 'stage-vote'} aria-label="Vote">
      <QrImage text={address} label={`QR code of ${address}`} />
      <p style={{ '--characters': Math.max(...parts.map(({ length }) => length + 1)) }}>
        Vote at
        <br />
        {/* The address may break only after slashes. */}
        <strong>{parts.join('/\u200b')}</strong>
        {isLocal(address) && <span class="stage-warn">Only this machine can open this address</span>}
      </p>
    </aside>
  );
}
