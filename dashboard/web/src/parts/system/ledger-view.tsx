import type { Ledger } from '../../../../../store/monitoring/ledger.ts';
import { formatCount, plural } from '../../data/format.ts';
import { Icon } from '../shell/icon.tsx';

/** The numbers of votes from the edges to the count and the log. */
export function LedgerView({ ledger }: { ledger: Ledger }) {
  const { intake, votes, entries, open, gaps } = ledger;
  return (
    <>
      <Verdict open={open} gaps={gaps} deadLetters={entries.deadTally + entries.deadLog} />
      <div class="ledger">
        <Column
          title="Accepted"
          about={
            intake.offered === 0 && entries.added > 0
              ? 'not reported by any edge yet'
              : 'votes, as counted by the edges'
          }
          rows={[
            ['Offered', intake.offered],
            ['Accepted', intake.accepted],
            ['Rejected', intake.refused],
            ['Unknown', intake.unknown],
          ]}
        />
        <Column
          title="In the streams"
          about="entries of up to 512 votes"
          rows={[
            ['Added', entries.added],
            ['Tallied', entries.tallied + entries.passedTally],
            ['Logged', entries.logged + entries.passedLog],
            ['Dead letters', entries.deadTally + entries.deadLog],
          ]}
        />
        <Column
          title="Outcomes"
          about="votes, by outcome in the tally"
          rows={[
            ['Counted', votes.counted],
            ['Superseded', votes.superseded],
            ['Duplicate', votes.duplicate],
            ['Late', votes.late],
            ['In dead letters', votes.dead],
          ]}
          sum={['Sum', votes.tallied + votes.dead]}
        />
        <Column title="Logged" about="votes in the log store" rows={[['Votes', votes.logged]]} />
      </div>
    </>
  );
}

function Verdict({ open, gaps, deadLetters }: Pick<Ledger, 'open' | 'gaps'> & { deadLetters: number }) {
  if (open > 0) {
    return (
      <p class="verdict">
        {plural(open, 'entry', 'entries')} in progress; the ledger balances when they are processed.
      </p>
    );
  }
  if (gaps.length === 0) {
    return (
      <p class="verdict good">
        <Icon name="check" /> Balanced: every accepted vote is tallied and logged
        {deadLetters > 0 && ', or is a dead letter'}.
      </p>
    );
  }
  return (
    <div class="verdict bad" role="alert">
      <p>
        <Icon name="warn" /> The ledger does not balance:
      </p>
      <ul>
        {gaps.map((gap) => (
          <li key={gap}>{gap}</li>
        ))}
      </ul>
    </div>
  );
}

interface ColumnProps {
  readonly title: string;
  readonly about: string;
  readonly rows: readonly (readonly [string, number])[];
  readonly sum?: readonly [string, number];
}

function Column({ title, about, rows, sum }: ColumnProps) {
  return (
    <div class="ledger-column">
      <h3>{title}</h3>
      <p class="muted small">{about}</p>
      <dl>
        {[...rows, ...(sum === undefined ? [] : [sum])].map(([label, value]) => (
          <div key={label} class={label === sum?.[0] ? 'ledger-sum' : ''}>
            <dt>{label}</dt>
            <dd>{formatCount(value)}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
