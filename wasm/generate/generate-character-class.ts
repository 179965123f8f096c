/** Characters that a pattern of buf.validate allows first and at the other positions of a string. */
export interface CharacterClass {
  readonly first: (code: number) => boolean;
  readonly rest: (code: number) => boolean;
  /** Whether any character beyond ASCII is allowed. */
  readonly beyondAscii: boolean;
  /** First and last code point of each denied range beyond ASCII. */
  readonly deniedBeyondAscii: readonly number[];
}

const LAST_CODE_POINT = 0x10ffff;

/**
 * Parses RE2 patterns of the shapes `^[set]*$` and `^[set][set]*$`. Throws for any other shape: the codecs check
 * character by character and could not enforce it.
 */
export function parseClass(pattern: string): CharacterClass {
  const shape = /^\^(?:\[((?:\\.|[^\]\\])+)\])?\[((?:\\.|[^\]\\])+)\]\*\$$/.exec(pattern);
  const restSet = shape?.[2];
  if (restSet === undefined)
    throw new Error(`Cannot generate a character class: pattern ${pattern} is neither ^[set]*$ nor ^[set][set]*$`);
  const rest = member(restSet);
  const first = shape?.[1] === undefined ? rest : member(shape[1]);
  const denied = deniedBeyondAscii(rest);
  return {
    first,
    rest,
    beyondAscii: !(denied.length === 2 && denied[0] === 0x80 && denied[1] === LAST_CODE_POINT),
    deniedBeyondAscii: denied,
  };
}

/** Membership test for the text between the brackets of a set. */
function member(set: string): (code: number) => boolean {
  const negated = set.startsWith('^');
  const tokens = [...(negated ? set.slice(1) : set).matchAll(/\\x\{([0-9a-f]+)\}|\\(.)|(.)/gu)].map((token) => ({
    code: token[1] === undefined ? codeOf(token[2] ?? token[3]) : Number.parseInt(token[1], 16),
    isDash: token[3] === '-',
  }));
  const ranges: [number, number][] = [];
  for (let at = 0; at < tokens.length; at++) {
    const from = tokens[at];
    const to = tokens[at + 2];
    if (from === undefined) continue;
    if (tokens[at + 1]?.isDash && to !== undefined) {
      ranges.push([from.code, to.code]);
      at += 2;
    } else {
      ranges.push([from.code, from.code]);
    }
  }
  return (code) => ranges.some(([low, high]) => code >= low && code <= high) !== negated;
}

function codeOf(character: string | undefined): number {
  return character?.codePointAt(0) ?? 0;
}

function deniedBeyondAscii(allows: (code: number) => boolean): number[] {
  const ranges: number[] = [];
  let open = false;
  for (let code = 0x80; code <= LAST_CODE_POINT + 1; code++) {
    const denied = code <= LAST_CODE_POINT && !allows(code);
    if (denied && !open) ranges.push(code);
    if (!denied && open) ranges.push(code - 1);
    open = denied;
  }
  return ranges;
}
