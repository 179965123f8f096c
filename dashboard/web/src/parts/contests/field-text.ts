import { formatTime } from '../../data/format.ts';

const NONE: Readonly<Record<string, string>> = {
  opensAt: 'at once',
  closesAt: 'by hand',
  hidden: 'no',
  browsersOnly: 'no',
};
const TIMES: ReadonlySet<string> = new Set(['opensAt', 'closesAt', 'countsFrom']);

/** The value of a contest's field as a person reads it. */
export function fieldText(field: string, value: unknown): string {
  if (value === null || value === undefined || value === false) return NONE[field] ?? 'none';
  if (value === true || value === 'true') return 'yes';
  if (Array.isArray(value)) return value.map(({ label }: { label: string }) => label).join(', ');
  return TIMES.has(field) ? formatTime(String(value)) : String(value);
}
