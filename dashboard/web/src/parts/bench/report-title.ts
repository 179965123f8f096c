import type { BenchReportView } from '../../../../api/bench.ts';
import { formatDay, formatMinute } from '../../data/format.ts';

/** The title of a report: its time. */
export function reportTitle({ id, published, createdAt }: BenchReportView): string {
  if (published) return createdAt === null ? 'Published' : `Published, ${formatDay(createdAt)}`;
  // The folder name spells the time in characters that file systems allow.
  const match = /^(\d{4}-\d\d-\d\d)T(\d\d)[-:]?(\d\d)[-:]?(\d\d)/.exec(id);
  return match === null ? id : formatMinute(`${match[1]}T${match[2]}:${match[3]}:${match[4]}Z`);
}
