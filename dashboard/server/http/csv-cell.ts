/**
 * One CSV cell. Spreadsheets treat a cell that starts with one of `= + - @`, a tab or a line break as a formula: such a
 * cell gets a leading apostrophe.
 */
export function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
