import { useState } from 'preact/hooks';
import type { ContestView } from '../../../../api/contests.ts';
import type { ProblemView } from '../../../../api/problem.ts';
import { adminFetch, setAdminToken } from '../../data/admin.ts';
import { removeContest } from '../../data/live-results.ts';
import { navigate } from '../../data/route.ts';
import { AuditList } from '../audit/audit-list.tsx';
import { announce } from '../shell/announcer.tsx';
import { Icon } from '../shell/icon.tsx';
import { AdminGate } from './admin-gate.tsx';
import { ConfirmDialog } from './confirm-dialog.tsx';

interface ContestManagerProps {
  readonly contest: ContestView;
  readonly onEdit: () => void;
  readonly onDuplicate: () => void;
}

type Question = 'close' | 'reset' | 'delete';

/** Lets an admin change the state of a contest. Offers only actions that have an effect now. */
export function ContestManager({ contest, onEdit, onDuplicate }: ContestManagerProps) {
  const { id, status } = contest;
  const [problem, setProblem] = useState<ProblemView>();
  const [busy, setBusy] = useState(false);
  const [question, setQuestion] = useState<Question>();
  const [logFate, setLogFate] = useState<'keep' | 'delete'>('keep');
  const [isOpen, setOpen] = useState(false);
  const send = async (method: 'POST' | 'PATCH' | 'DELETE', path: string, body: unknown, done: string) => {
    setQuestion(undefined);
    setBusy(true);
    const answer = await adminFetch(method, `/api/contests/${id}${path}`, body);
    setBusy(false);
    // The gate reports a rejected token.
    setProblem(answer.ok || answer.problem.status === 401 ? undefined : answer.problem);
    if (answer.ok) announce(done);
    return answer.ok;
  };
  const change = (fields: Record<string, unknown>, done: string) => send('PATCH', '', fields, done);
  const remove = async () => {
    const done =
      logFate === 'delete' ? 'The contest and its log are deleted.' : 'The contest is deleted, and its log is kept.';
    if (!(await send('DELETE', `?confirm=${id}&log=${logFate}`, undefined, done))) return;
    removeContest(id);
    navigate('/');
  };
  return (
    <details class="card manage" onToggle={(event) => setOpen(event.currentTarget.open)}>
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
          {status === 'open' && (
            <Press label="Pause" busy={busy} onPress={() => change({ status: 'paused' }, 'The contest is paused.')} />
          )}
          {status !== 'open' && (
            <Press
              label={{ scheduled: 'Open now', paused: 'Resume', closed: 'Reopen' }[status]}
              busy={busy}
              onPress={() => change({ status: 'open' }, 'The contest is open.')}
            />
          )}
          {(status === 'open' || status === 'paused') && (
            <Press label="Close now …" busy={busy} onPress={() => setQuestion('close')} />
          )}
          {status !== 'closed' && contest.hidden && (
            <Press label="Show results" busy={busy} onPress={() => change({ hidden: false }, 'Results are shown.')} />
          )}
          {status !== 'closed' && !contest.hidden && (
            <Press
              label="Hide results"
              busy={busy}
              onPress={() => change({ hidden: true }, 'Results are hidden until the contest closes.')}
            />
          )}
          <Press label="Edit …" busy={busy} onPress={onEdit} />
          <Press label="Duplicate …" busy={busy} onPress={onDuplicate} />
          <Press label="Reset …" busy={busy} onPress={() => setQuestion('reset')} />
          {status !== 'open' && <Press label="Delete …" busy={busy} onPress={() => setQuestion('delete')} />}
          <button type="button" class="quiet" onClick={() => setAdminToken(undefined)}>
            Forget token
          </button>
        </div>
        {isOpen && <AuditList subject={id} version={contest.tag} />}
      </AdminGate>
      {question === 'close' && (
        <ConfirmDialog
          title={`Close “${contest.title}”?`}
          action="Close contest"
          cancel="Keep it open"
          onCancel={() => setQuestion(undefined)}
          onConfirm={() => change({ status: 'closed' }, 'The contest is closed.')}
        >
          <p>Votes after the close are not counted. You can reopen the contest.</p>
        </ConfirmDialog>
      )}
      {question === 'reset' && (
        <ConfirmDialog
          title={`Reset “${contest.title}”?`}
          typed={id}
          action="Reset contest"
          cancel="Keep the votes"
          onCancel={() => setQuestion(undefined)}
          onConfirm={() => send('POST', '/reset', { confirm: id }, 'The contest is reset.')}
        >
          <p>
            All counts and voters of this contest are removed, and everyone can vote again. This cannot be undone. The
            log keeps the votes, but they will never count again.
          </p>
        </ConfirmDialog>
      )}
      {question === 'delete' && (
        <ConfirmDialog
          title={`Delete “${contest.title}”?`}
          typed={id}
          action="Delete contest"
          cancel="Keep the contest"
          onCancel={() => setQuestion(undefined)}
          onConfirm={remove}
        >
          <p>The contest, its counts and its voters are removed. This cannot be undone.</p>
          <fieldset class="choices">
            <legend>Its votes in the log</legend>
            <label>
              <input type="radio" name="log" checked={logFate === 'keep'} onChange={() => setLogFate('keep')} /> Keep
              them until they expire
            </label>
            <label>
              <input type="radio" name="log" checked={logFate === 'delete'} onChange={() => setLogFate('delete')} />{' '}
              Delete them for good: no recount and no restore brings them back
            </label>
          </fieldset>
        </ConfirmDialog>
      )}
    </details>
  );
}

function Press({ label, busy, onPress }: { label: string; busy: boolean; onPress: () => void }) {
  return (
    <button type="button" disabled={busy} onClick={onPress}>
      {label}
    </button>
  );
}
