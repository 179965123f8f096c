const MAX_CHARACTERS = 64;

/**
 * Quotes a rejected value for a message: JSON of at most 64 characters, without characters that could distort the rest
 * of the message.
 */
export function quoteForMessage(value: unknown): string {
  if (typeof value === 'string') return printable(JSON.stringify(shorten(value)));
  return printable(shorten(JSON.stringify(value) ?? 'undefined'));
}

function shorten(text: string): string {
  return text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS)}…` : text;
}

/** Escapes invisible characters and those that change the text direction, as JSON does. */
export function printable(text: string): string {
  // Fast path for the common case: a batch may hold ten thousand rejected votes.
  if (/^[ -~]*$/.test(text)) return text;
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) =>
    Array.from({ length: character.length }, (_, at) => escaped(character.charCodeAt(at))).join(''),
  );
}

function escaped(codeUnit: number): string {
  return `\\u${codeUnit.toString(16).padStart(4, '0')}`;
}
