import { formatTime } from '../../data/format.ts';

const NONE: Readonly<Record<string, string>> = {
  opensAt: 'at once',
  closesAt: 'by hand',
  hidden: 'no',
  browsersOnly: 'no',
};
const TIMES: ReadonlySet<string> = new Set(['opensAt', 'closesAt', 'countsFrom']);

/** Formats the value of a contest's field for people. */
export function fieldText(field: string, value: unknown): string {
  if (value === null || value === undefined || value === false) return NONE[field] ?? 'none';
  if (value === true || value === 'true') return 'yes';
  if (Array.isArray(value)) return value.map(({ label }: { label: string }) => label).join(', ');
  return TIMES.has(field) ? formatTime(String(value)) : String(value);
}

/** A change as two texts. The colors of options are left out unless nothing else changed. */
export function changeTexts(field: string, from: string | null, to: string | null): readonly [string, string] {
  const [before, after] = [fieldText(field, from), fieldText(field, to)];
  if (field !== 'options') return [before, after];
  const plain = [before, after].map((text) => text.replaceAll(/ \(#[0-9a-f]{3,8}\)/gi, '')) as [string, string];
  return plain[0] === plain[1] ? [before, after] : plain;
}
