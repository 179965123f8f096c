import { destination, type Logger, pino } from 'pino';
import { errorFields, faultLine } from './error-fields.ts';
import { formatLogLine } from './format-log-line.ts';

export type { Logger };

/** File descriptor that log lines go to: 1 is standard output, 2 standard error. */
let stream: 1 | 2 = 1;
let output: Output | undefined;

interface Output {
  write(line: string): void;
}

/**
 * Creates a logger for `component`. Each line is a JSON object with level, time (ISO 8601), component and message; on a
 * terminal it is text instead.
 *
 * Log bugs as `error`, with their stack, and operational problems, such as an unavailable store, as `fault`, on one
 * line.
 *
 * Writes are synchronous, so the last line before `process.exit` is not lost.
 */
export function createLogger(component: string, fields: Readonly<Record<string, string>> = {}): Logger {
  return pino(
    {
      base: { component, ...fields },
      // Cloud Logging and the Elastic Common Schema both read the text from `message`.
      messageKey: 'message',
      errorKey: 'error',
      serializers: { error: errorFields, fault: faultLine },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (level) => ({ level }) },
    },
    { write: writeLine },
  );
}

/** Sends log lines to standard error: for commands whose standard output is their result. */
export function logToStandardError(): void {
  stream = 2;
  output = undefined;
}

function writeLine(line: string): void {
  output ??= openOutput();
  output.write(line);
}

function openOutput(): Output {
  const file = destination({ fd: stream, sync: true });
  const isTerminal = (stream === 1 ? process.stdout : process.stderr).isTTY;
  return isTerminal ? { write: (line) => file.write(`${formatLogLine(line)}\n`) } : file;
}
