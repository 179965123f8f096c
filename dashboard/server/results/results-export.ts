import type { Contest } from '../../../store/contests/contest.ts';
import type { Results } from '../../../store/tally/results.ts';
import type { ResultsExport } from '../../api/results.ts';
import { csvCell } from '../http/csv-cell.ts';

/** Joins the results of a contest with its labels for export. Equal counts share a place. */
export function exportedResults(contest: Contest, results: Results, exportedAt: string): ResultsExport {
  const { status, total, voters, changed, countedUpTo } = results;
  const counts = new Map(results.options.map(({ id, count }) => [id, count]));
  const options = contest.options.map(({ id, label, attributes }) => {
    const count = counts.get(id) ?? 0;
    const place = 1 + results.options.filter((other) => other.count > count).length;
    return { id, label, count, share: total === 0 ? 0 : count / total, place, attributes };
  });
  const { id, title, rule } = contest;
  return { contest: id, title, rule, status, exportedAt, countedUpTo, total, voters, changed, options };
}

const COLUMNS = ['contest', 'title', 'option', 'label', 'count', 'share', 'place', 'total', 'status', 'countedUpTo'];

/** CSV (RFC 4180) with a header row and a row per option. */
export function resultsCsv(contests: readonly ResultsExport[]): string {
  const rows = contests.flatMap(({ contest, title, options, total, status, countedUpTo }) =>
    options.map(({ id, label, count, share, place }) => {
      const cells = [contest, title, id, label, count, share.toFixed(6), place, total, status, countedUpTo ?? ''];
      return cells.map((cell) => csvCell(String(cell)));
    }),
  );
  return [COLUMNS, ...rows].map((cells) => `${cells.join(',')}\r\n`).join('');
}
