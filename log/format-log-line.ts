import { stripVTControlCharacters } from 'node:util';

/** Fields that the text shows in a fixed place or omits, rather than as `key=value`. */
const PLACED = new Set(['level', 'time', 'component', 'message', 'error']);

/**
 * Formats a JSON log line for people: `12:30:01 warn edge: message key=value`. Other lines are returned unchanged.
 * Control characters are replaced in both, because text from a client must not control the terminal.
 *
 * @param options.prefix whether time and component come first; default true
 */
export function formatLogLine(line: string, { prefix = true }: { readonly prefix?: boolean } = {}): string {
  const record = parseRecord(line);
  if (record === undefined) return printable(line.trimEnd());
  const { level, time, component, message, error } = record;
  const fields = Object.entries(record).filter(([name]) => !PLACED.has(name));
  const text = [
    ...(prefix ? [`${time}`.slice(11, 19)] : []),
    ...(level === 'info' ? [] : [`${level}`]),
    ...(prefix ? [`${component}:`] : []),
    `${message ?? ''}`,
    ...fields.map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`),
  ].join(' ');
  return [printable(text), ...stackOf(error).map((frame) => `  ${printable(frame)}`)].join('\n');
}

function parseRecord(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{"level":')) return undefined;
  try {
    const record: unknown = JSON.parse(line);
    return typeof record === 'object' && record !== null ? (record as Record<string, unknown>) : undefined;
  } catch {
    // The line is incomplete if its process was killed while writing.
    return undefined;
  }
}

function stackOf(error: unknown): string[] {
  if (typeof error !== 'object' || error === null) return [];
  const { stack, message } = error as { readonly stack?: unknown; readonly message?: unknown };
  return `${stack ?? message ?? ''}`.split('\n').filter((frame) => frame !== '');
}

function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this replaces
  return stripVTControlCharacters(text).replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, ' ');
}
