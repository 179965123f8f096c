import { useState } from 'preact/hooks';
import type { BulkOutcome, DeadLetterItem } from '../../../../api/dead-letters.ts';
import { adminFetch } from '../../data/admin.ts';
import type { Answer } from '../../data/fetch-json.ts';
import { plural } from '../../data/format.ts';
import { AdminGate } from '../contests/admin-gate.tsx';
import { Dialog } from '../shell/dialog.tsx';

export interface BulkQuestion {
  readonly action: 'replay' | 'discard';
  readonly letters: readonly DeadLetterItem[];
}

/** Confirms an action on many dead letters, and reports the outcome. */
export function BulkDialog({ action, letters, onClose }: BulkQuestion & { onClose: () => void }) {
  const [answer, setAnswer] = useState<Answer<BulkOutcome>>();
  const [busy, setBusy] = useState(false);
  const verb = action === 'replay' ? 'Replay' : 'Discard';
  const run = async () => {
    setBusy(true);
    const names = letters.map(({ partition, group, id }) => ({ partition, group, id }));
    setAnswer(await adminFetch<BulkOutcome>('POST', `/api/dead-letters/${action}`, { letters: names }));
    setBusy(false);
  };
  return (
    <Dialog title={`${verb} ${plural(letters.length, 'dead letter')}`} onClose={onClose}>
      <AdminGate>
        {answer === undefined && (
          <p>
            {action === 'replay'
              ? 'Each returns to its stream at its original position, for the group in which it failed. A vote counts once, however often it is replayed.'
              : 'They are removed for good, and their votes are not counted. A recount still counts votes that are in the log.'}
          </p>
        )}
        {answer !== undefined && (
          <p role="status" class={answer.ok && answer.value.failed === 0 ? '' : 'form-error'}>
            {answer.ok ? outcomeText(action, answer.value) : answer.problem.detail}
          </p>
        )}
        <div class="row end">
          <button type="button" onClick={onClose}>
            {answer?.ok ? 'Done' : 'Cancel'}
          </button>
          {!answer?.ok && (
            <button type="button" class="primary" disabled={busy} onClick={run}>
              {verb} all
            </button>
          )}
        </div>
      </AdminGate>
    </Dialog>
  );
}

function outcomeText(action: BulkQuestion['action'], { handled, failed, waiting, gone }: BulkOutcome): string {
  const parts = [
    action === 'discard' ? `${handled} discarded` : `${handled} handled`,
    ...(failed > 0 ? [`${failed} failed again`] : []),
    ...(waiting > 0 ? [`${waiting} not handled yet`] : []),
    ...(gone > 0 ? [`${gone} already gone`] : []),
  ];
  return `${parts.join(', ')}.`;
}
