import { useEffect, useRef, useState } from 'preact/hooks';
import type {
  DeadLetterDetail,
  DeadLetterItem,
  DeadLetterList as DeadLetterPage,
  ReplayOutcome,
} from '../../../../api/dead-letters.ts';
import type { ProblemView } from '../../../../api/problem.ts';
import { adminFetch } from '../../data/admin.ts';
import { formatCount, formatTime, plural } from '../../data/format.ts';
import { usePoll } from '../../data/use-poll.ts';
import { AdminGate } from '../contests/admin-gate.tsx';
import { announce } from '../shell/announcer.tsx';
import { Dialog } from '../shell/dialog.tsx';
import { Notice, ProblemNotice } from '../shell/notice.tsx';
import { ScrollRegion } from '../shell/scroll-region.tsx';
import { BulkDialog, type BulkQuestion } from './bulk-dialog.tsx';
import { CauseGroup } from './cause-group.tsx';
import { groupLetters } from './group-letters.ts';

/** Entries that could not be counted or logged. A change of `count`, which the system page polls, reloads the list. */
export function DeadLetterList({ count }: { count: number }) {
  const { value, problem, refresh } = usePoll<DeadLetterPage>('/api/dead-letters', 15_000);
  const [shown, setShown] = useState<DeadLetterItem>();
  const [asked, setAsked] = useState<BulkQuestion>();
  const countRead = useRef(count);
  useEffect(() => {
    // usePoll starts the first read.
    if (countRead.current === count) return;
    countRead.current = count;
    refresh();
  }, [count, refresh]);
  if (value === undefined) {
    return problem === undefined ? (
      <Notice kind="loading" title="Loading …" />
    ) : (
      <ProblemNotice problem={problem} retry={refresh} />
    );
  }
  const causes = groupLetters(value.items);
  return (
    <>
      {value.total > value.items.length && (
        <p class="muted small">
          The latest {formatCount(value.items.length)} of {formatCount(value.total)} dead letters.
        </p>
      )}
      {causes.length === 0 && (
        <Notice kind="empty" title="No dead letters">
          Entries that cannot be counted or logged appear here.
        </Notice>
      )}
      {causes.length > 0 && (
        <ul class="causes">
          {causes.map((cause) => (
            <li key={cause.cause}>
              <CauseGroup cause={cause} onOpen={setShown} onAsk={setAsked} />
            </li>
          ))}
        </ul>
      )}
      {/* Dialogs stay open when the list becomes empty, so that the outcome can be read. */}
      {asked !== undefined && (
        <BulkDialog
          {...asked}
          onClose={() => {
            setAsked(undefined);
            refresh();
          }}
        />
      )}
      {shown !== undefined && (
        <Dialog title={`Dead letter ${shown.id}`} onClose={() => setShown(undefined)}>
          <AdminGate>
            <Letter
              letter={shown}
              onReplayed={() => {
                setShown(undefined);
                refresh();
              }}
            />
          </AdminGate>
        </Dialog>
      )}
    </>
  );
}

function Letter({ letter, onReplayed }: { letter: DeadLetterItem; onReplayed: () => void }) {
  const path = `/api/dead-letters/${letter.partition}/${letter.group}/${letter.id}`;
  const [detail, setDetail] = useState<DeadLetterDetail>();
  const [problem, setProblem] = useState<ProblemView>();
  useEffect(() => {
    void adminFetch<DeadLetterDetail>('GET', path).then((answer) => {
      if (answer.ok) setDetail(answer.value);
      else setProblem(answer.problem);
    });
  }, [path]);
  const replay = async () => {
    const answer = await adminFetch<ReplayOutcome>('POST', `${path}/replay`);
    if (!answer.ok) return setProblem(answer.problem);
    announce(`Returned to its stream as ${answer.value.newId}.`);
    onReplayed();
  };
  return (
    <>
      {problem !== undefined && <ProblemNotice problem={problem} />}
      <dl class="facts">
        <div class="fact">
          <dt>Reason</dt>
          <dd>{letter.reason}</dd>
        </div>
        <div class="fact">
          <dt>Failed</dt>
          <dd>
            {plural(letter.failures, 'time')}, first {formatTime(letter.firstFailure)}, last{' '}
            {formatTime(letter.lastFailure)}
          </dd>
        </div>
        <div class="fact">
          <dt>Content</dt>
          <dd>
            {plural(letter.votes, 'vote')} in {plural(letter.bytes, 'byte')}
          </dd>
        </div>
      </dl>
      {detail !== undefined && (
        <ScrollRegion label="Content">
          <pre class="dump">
            {detail.batch === null ? `Not a VoteBatch:\n${detail.hex}` : JSON.stringify(detail.batch, null, 2)}
          </pre>
        </ScrollRegion>
      )}
      <div class="row end">
        <button type="button" class="primary" disabled={detail === undefined} onClick={replay}>
          Replay
        </button>
      </div>
    </>
  );
}
