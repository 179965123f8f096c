/** An error in a log line, without the objects that drivers attach to it. */
interface ErrorFields {
  readonly type: string;
  readonly message: string;
  readonly code?: string | number;
  readonly stack?: string;
  /** Messages of its causes, outermost first. */
  readonly causes?: readonly string[];
}

const MAX_CAUSES = 5;
const MAX_MESSAGE = 2000;

/**
 * The fields of a log line for an error. Drivers attach whole topologies, commands and documents to their errors; these
 * would turn one line into pages and may contain votes.
 */
export function errorFields(error: unknown): ErrorFields {
  if (!(error instanceof Error)) return { type: typeof error, message: cut(String(error)) };
  const { name, message, stack } = error;
  const { code } = error as { readonly code?: unknown };
  const causes = causesOf(error);
  return {
    type: name,
    message: cut(message),
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    ...(stack !== undefined && { stack: cut(stack) }),
    ...(causes.length > 0 && { causes }),
  };
}

/** Formats an operational error, such as an unavailable store, as one line: its message and those of its causes. */
export function faultLine(fault: unknown): string {
  if (!(fault instanceof Error)) return cut(String(fault));
  return cut([fault.message, ...causesOf(fault)].join('; ').replace(/\s+/g, ' '));
}

function causesOf(error: Error): string[] {
  const causes: string[] = [];
  let { cause } = error;
  while (cause instanceof Error && causes.length < MAX_CAUSES) {
    causes.push(cut(`${cause.name}: ${cause.message}`));
    ({ cause } = cause);
  }
  return causes;
}

function cut(text: string): string {
  return text.length > MAX_MESSAGE ? `${text.slice(0, MAX_MESSAGE)}…` : text;
}
