import type { LogStore } from '../../store/log/log-store.ts';
import type { RecountReport } from '../../store/recount/recount.ts';

/** Explains that this log lacks votes, which a recount from it would lose; undefined if it is complete. */
export async function describeMissingVotes(log: LogStore, logged: number): Promise<string | undefined> {
  const { votes } = await log.totals();
  if (votes >= logged) return undefined;
  return (
    `This log holds ${votes} votes, but ${logged} were logged in this deployment; a recount would lose the others. If this ` +
    'is another log, set MONGODB_URL or DATA_DIR to that of the deployment. If LOG_TTL_DAYS removed them, keep the tally, ' +
    'which still counts them, or first restore a backup of the log that has them.'
  );
}

/** Formats the tally and the recount side by side. */
export function describeRecount(report: RecountReport): string {
  const { contest, rule, votes, rows, votersDiffering, isDifferent, applied } = report;
  const width = Math.max(...rows.map(({ name }) => name.length), 12);
  const cell = (value: number | string) => String(value).padStart(12);
  const lines = [
    `${contest} (${rule}): ${votes} votes in the log`,
    `${''.padEnd(width)}${cell('tally')}${cell('recount')}${cell('difference')}`,
  ];
  for (const { name, tally, recount: counted } of rows) {
    const difference = counted === tally ? '' : `${counted > tally ? '+' : ''}${counted - tally}`;
    lines.push(`${name.padEnd(width)}${cell(tally)}${cell(counted)}${cell(difference)}`.trimEnd());
  }
  if (votersDiffering > 0) lines.push(`The effective vote of ${votersDiffering} voters differs from the recount.`);
  lines.push(isDifferent ? 'They differ.' : 'They agree.');
  if (applied) lines.push('The recount is now the tally.');
  else if (isDifferent) lines.push('Repeat with --apply to replace the tally with the recount.');
  return lines.join('\n');
}
