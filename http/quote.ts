const MAX_CHARACTERS = 64;

/** A value that was refused, quoted for the message: shortened, and with nothing in it that changes how the rest reads. */
export function quoteForMessage(value: string): string {
  return printable(JSON.stringify(value.length > MAX_CHARACTERS ? `${value.slice(0, MAX_CHARACTERS)}…` : value));
}

/** Invisible characters and those that turn the direction of the text are written as JSON escapes them. */
export function printable(text: string): string {
  // Nearly always; a batch may hold ten thousand refused votes.
  if (/^[ -~]*$/.test(text)) return text;
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) =>
    Array.from({ length: character.length }, (_, at) => escaped(character.charCodeAt(at))).join(''),
  );
}

function escaped(codeUnit: number): string {
  return `\\u${codeUnit.toString(16).padStart(4, '0')}`;
}
