import { type Logger, pino } from 'pino';

/** A logger that keeps its lines for a test to check. */
export function createRecordingLogger(): { readonly log: Logger; readonly lines: string[] } {
  const lines: string[] = [];
  return { log: pino({ messageKey: 'message' }, { write: (line) => lines.push(line) }), lines };
}
