const MAX_CHARACTERS = 64;

/**
 * Quotes a rejected value for a message: JSON, at most 64 characters of it, with nothing in it that changes how the
 * rest of the message reads.
 */
export function quoteForMessage(value: unknown): string {
  if (typeof value === 'string') return printable(JSON.stringify(shorten(value)));
  return printable(shorten(JSON.stringify(value) ?? 'undefined'));
}

function shorten(text: string): string {
  return text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS)}…` : text;
}

/** Escapes invisible characters and those that change the direction of text, as JSON does. */
export function printable(text: string): string {
  // The common case first: a batch may hold ten thousand rejected votes.
  if (/^[ -~]*$/.test(text)) return text;
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) =>
    Array.from({ length: character.length }, (_, at) => escaped(character.charCodeAt(at))).join(''),
  );
}

function escaped(codeUnit: number): string {
  return `\\u${codeUnit.toString(16).padStart(4, '0')}`;
}
