import type { Estimate } from '../../statistics/median.ts';

/** Three significant digits, without an exponent: 0.0123, 1.23, 12.3, 1,230. */
export function amount(value: number): string {
  if (!Number.isFinite(value)) return 'n/a';
  if (value === 0) return '0';
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  if (digits > 0) return value.toFixed(Math.min(digits, 6));
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.abs(value))) - 3);
  return (Math.round(value / unit) * unit).toLocaleString('en');
}

/** Two amounts as a range, the smaller one first. */
export function range(a: number, b: number): string {
  return `${amount(Math.min(a, b))} to ${amount(Math.max(a, b))}`;
}

/** A share as a whole percentage; with one decimal below 10 % and from 95 to 100 %, where it matters. */
export function percent(share: number): string {
  const value = share * 100;
  const size = Math.abs(value);
  return `${size < 10 || (size >= 95 && size < 100) ? value.toFixed(1) : Math.round(value)} %`;
}

/** US dollars. */
export function money(dollars: number): string {
  return `$${Math.abs(dollars) >= 100 ? Math.round(dollars).toLocaleString('en') : dollars.toFixed(2)}`;
}

/** Mebibytes. */
export function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}

/** A ratio as a change: `94 % (93 to 95) less`, or `2.3 times (2.1 to 2.5) as much` beyond a doubling. */
export function changeText({ median, low, high }: Estimate): string {
  if (median >= 2) return `${amount(median)} times (${range(low, high)}) as much CPU`;
  const sign = median < 1 ? -1 : 1;
  const [share, a, b] = [median, low, high].map((ratio) => sign * (ratio - 1));
  return `${percent(share ?? 0)} (${range((a ?? 0) * 100, (b ?? 0) * 100)}) ${median < 1 ? 'less' : 'more'} CPU`;
}

/** `1.02 (0.98 to 1.06)`. */
export function ratioText({ median, low, high }: Estimate): string {
  return `ratio ${amount(median)} (${range(low, high)})`;
}
