import { useEffect, useState } from 'preact/hooks';
import type { AuditView } from '../../../../api/audit.ts';
import { adminFetch } from '../../data/admin.ts';
import type { Answer } from '../../data/fetch-json.ts';
import { formatTime } from '../../data/format.ts';
import { fieldName } from '../contests/contest-draft.ts';
import { changeTexts } from '../contests/field-text.ts';
import { ScrollRegion } from '../shell/scroll-region.tsx';

const ACTIONS: Readonly<Record<string, string>> = {
  'contest.create': 'Created',
  'contest.edit': 'Edited',
  'contest.open': 'Opened',
  'contest.pause': 'Paused',
  'contest.close': 'Closed',
  'contest.reset': 'Reset',
  'contest.delete': 'Deleted',
  'letters.replay': 'Replayed dead letters',
  'letters.discard': 'Discarded dead letters',
  'bench.start': 'Started a bench',
};

interface AuditListProps {
  /** Undefined: changes of all subjects. */
  readonly subject?: string;
  /** The list is reloaded when this changes. */
  readonly version?: string;
}

/** Who changed what and when, newest first. Must be inside an AdminGate. */
export function AuditList({ subject, version }: AuditListProps) {
  const [answer, setAnswer] = useState<Answer<AuditView>>();
  useEffect(() => {
    const query = subject === undefined ? '' : `&subject=${encodeURIComponent(subject)}`;
    void adminFetch<AuditView>('GET', `/api/audit?limit=50${query}`).then(setAnswer);
  }, [subject, version]);
  if (answer === undefined) return null;
  if (!answer.ok) return <p class="form-error">{answer.problem.detail}</p>;
  const { items } = answer.value;
  return (
    <section class="audit" aria-labelledby="audit-title">
      <h3 id="audit-title" class={subject === undefined ? 'visually-hidden' : undefined}>
        Changes
      </h3>
      {items.length === 0 ? (
        <p class="muted small">None yet.</p>
      ) : (
        <ScrollRegion label="Changes">
          <table class="table">
            <thead>
              <tr>
                <th scope="col">When</th>
                <th scope="col">Who</th>
                {subject === undefined && <th scope="col">Contest</th>}
                <th scope="col">What</th>
              </tr>
            </thead>
            <tbody>
              {items.map(({ at, who, subject: of, action, changes }, index) => (
                <tr key={at + index}>
                  <td class="nowrap">{formatTime(at)}</td>
                  <td>{who}</td>
                  {subject === undefined && <td>{of}</td>}
                  <td>
                    {ACTIONS[action] ?? action}
                    {action === 'contest.edit' &&
                      changes.map(({ field, from, to }) => {
                        const [before, after] = changeTexts(field, from, to);
                        return (
                          <span key={field} class="audit-change">
                            {fieldName(field)}: <del>{before}</del> → <ins>{after}</ins>
                          </span>
                        );
                      })}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollRegion>
      )}
    </section>
  );
}
