import { useState } from 'preact/hooks';
import type { ContestView } from '../../../../api/contests.ts';
import type { ProblemView } from '../../../../api/problem.ts';
import { adminFetch, setAdminToken } from '../../data/admin.ts';
import { announce } from '../shell/announcer.tsx';
import { Dialog } from '../shell/dialog.tsx';
import { Icon } from '../shell/icon.tsx';
import { AdminGate } from './admin-gate.tsx';

/** Closes, reopens, hides and shows a contest, with the admin token. */
export function ContestManager({ contest, onEdit }: { contest: ContestView; onEdit: () => void }) {
  const [problem, setProblem] = useState<ProblemView>();
  const [busy, setBusy] = useState(false);
  const [closing, setClosing] = useState(false);
  const change = async (fields: Record<string, unknown>, done: string) => {
    setBusy(true);
    const answer = await adminFetch('PATCH', `/api/contests/${contest.id}`, fields);
    setBusy(false);
    // The gate reports a rejected token.
    setProblem(answer.ok || answer.problem.status === 401 ? undefined : answer.problem);
    if (answer.ok) announce(done);
  };
  return (
    <details class="card manage">
      <summary>
        <Icon name="manage" /> Manage this contest
      </summary>
      {problem !== undefined && (
        <p class="form-error" role="alert">
          {problem.detail}
        </p>
      )}
      <AdminGate>
        <div class="row">
          {contest.status === 'open' ? (
            <button type="button" disabled={busy} onClick={() => setClosing(true)}>
              Close now …
            </button>
          ) : (
            <button type="button" disabled={busy} onClick={() => change({ status: 'open' }, 'The contest is open.')}>
              {contest.status === 'closed' ? 'Reopen' : 'Open now'}
            </button>
          )}
          {contest.hidden ? (
            <button type="button" disabled={busy} onClick={() => change({ hidden: false }, 'Results are shown.')}>
              Show results
            </button>
          ) : (
            <button
              type="button"
              disabled={busy}
              onClick={() => change({ hidden: true }, 'Results are hidden until the contest closes.')}
            >
              Hide results
            </button>
          )}
          <button type="button" disabled={busy} onClick={onEdit}>
            Edit …
          </button>
          <button type="button" class="quiet" onClick={() => setAdminToken(undefined)}>
            Forget token
          </button>
        </div>
      </AdminGate>
      {closing && (
        <CloseDialog
          title={contest.title}
          onCancel={() => setClosing(false)}
          onClose={() => {
            setClosing(false);
            void change({ status: 'closed' }, 'The contest is closed.');
          }}
        />
      )}
    </details>
  );
}

/** Asks for confirmation: one accidental press would end a vote in front of an audience. */
function CloseDialog(props: { title: string; onCancel: () => void; onClose: () => void }) {
  return (
    <Dialog title={`Close “${props.title}”?`} onClose={props.onCancel}>
      <p>Votes after the close are not counted. You can reopen the contest.</p>
      <div class="row end">
        <button type="button" onClick={props.onCancel}>
          Keep it open
        </button>
        <button type="button" class="primary" onClick={props.onClose}>
          Close contest
        </button>
      </div>
    </Dialog>
  );
}
