import type { DeadLetterItem } from '../../../../api/dead-letters.ts';
import { formatTime, plural } from '../../data/format.ts';
import { ScrollRegion } from '../shell/scroll-region.tsx';
import type { BulkQuestion } from './bulk-dialog.tsx';
import type { LetterCause } from './group-letters.ts';

interface CauseGroupProps {
  readonly cause: LetterCause;
  readonly onOpen: (letter: DeadLetterItem) => void;
  readonly onAsk: (question: BulkQuestion) => void;
}

/** The entries that failed for one cause, with actions for all of them. */
export function CauseGroup({ cause, onOpen, onAsk }: CauseGroupProps) {
  const letters = cause.entries.flatMap((entry) => entry.letters);
  return (
    <details class="cause">
      <summary>
        <span class="reason">{cause.cause}</span>
        <span class="muted">
          {plural(cause.entries.length, 'entry', 'entries')}, {plural(cause.votes, 'vote')}, last{' '}
          {formatTime(cause.lastFailure)}
        </span>
      </summary>
      <div class="row">
        <button type="button" onClick={() => onAsk({ action: 'replay', letters })}>
          Replay all …
        </button>
        <button type="button" onClick={() => onAsk({ action: 'discard', letters })}>
          Discard all …
        </button>
      </div>
      <ScrollRegion label={`Entries: ${cause.cause}`}>
        <table>
          <thead>
            <tr>
              <th scope="col">Entry</th>
              <th scope="col">Failed in</th>
              <th scope="col">Reason</th>
              <th scope="col" class="number">
                Failures
              </th>
            </tr>
          </thead>
          <tbody>
            {cause.entries.map(({ key, letters: own }) => (
              <tr key={key}>
                <th scope="row" class="mono nowrap">
                  {key}
                </th>
                <td>
                  {own.map((letter) => (
                    <button type="button" key={letter.group} onClick={() => onOpen(letter)}>
                      {letter.group}
                      <span class="visually-hidden"> of {key}: open</span>
                    </button>
                  ))}
                </td>
                <td class="reason">{[...new Set(own.map(({ reason }) => reason))].join('; ')}</td>
                <td class="number">{own.map(({ failures }) => failures).join(', ')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollRegion>
    </details>
  );
}
