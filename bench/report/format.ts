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

/** A share as whole per cent, or with one decimal below ten. */
export function percent(share: number): string {
  const value = share * 100;
  return `${Math.abs(value) < 10 ? value.toFixed(1) : Math.round(value)} %`;
}

/** US dollars. */
export function money(dollars: number): string {
  return `$${Math.abs(dollars) >= 100 ? Math.round(dollars).toLocaleString('en') : dollars.toFixed(2)}`;
}

/** Mebibytes. */
export function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
