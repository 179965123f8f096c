/**
 * One CSV cell. A cell that starts with one of `= + - @`, a tab or a line break gets a leading apostrophe, because
 * spreadsheets would treat it as a formula.
 */
export function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
