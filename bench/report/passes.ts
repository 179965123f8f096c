import type { Row } from './report.ts';

/** The range of passes of the rows that effects are derived from, such as `3 to 6` or `5`. */
export function passesText(rows: readonly Row[]): string {
  const { fewest, most } = passRange(rows);
  return fewest === most ? `${most}` : `${fewest} to ${most}`;
}

export function passRange(rows: readonly Row[]): { readonly fewest: number; readonly most: number } {
  const passes = rows
    .filter(({ load }) => typeof load === 'number' || load === 'closed')
    .map(({ rounds }) => new Set(rounds.map(({ pass }) => pass)).size);
  return { fewest: Math.min(...passes), most: Math.max(0, ...passes) };
}
