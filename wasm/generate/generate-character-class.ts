type Membership = (code: number) => boolean;

/** Characters that a buf.validate pattern allows at the first and at the other positions of a string. */
export interface CharacterClass {
  readonly first: Membership;
  readonly rest: Membership;
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
  const denied = deniedFrom(0x80, rest);
  return {
    first,
    rest,
    beyondAscii: !(denied.length === 2 && denied[0] === 0x80 && denied[1] === LAST_CODE_POINT),
    deniedBeyondAscii: denied,
  };
}

/** Code points that a pattern denies at each position of a string: first and last of each range. */
export interface DeniedByPlace {
  /** Includes the ranges of `last`, because a single character is both first and last. */
  readonly first: readonly number[];
  readonly inner: readonly number[];
  readonly last: readonly number[];
}

/** Parses RE2 patterns of the shape `^[first](?:[inner]*[last])?$`. Throws for any other shape. */
export function parseEdges(pattern: string): DeniedByPlace {
  const set = '\\[((?:\\\\.|[^\\]\\\\])+)\\]';
  const sets = new RegExp(`^\\^${set}\\(\\?:${set}\\*${set}\\)\\?\\$$`).exec(pattern)?.slice(1);
  if (sets === undefined)
    throw new Error(`Cannot generate character classes: pattern ${pattern} is not ^[first](?:[inner]*[last])?$`);
  const [first, inner, last] = sets.map(member) as [Membership, Membership, Membership];
  for (let code = 0; code <= LAST_CODE_POINT; code++) {
    if (first(code) && !last(code)) throw new Error(`U+${code.toString(16)} may be first and not last`);
  }
  return { first: deniedFrom(0, first), inner: deniedFrom(0, inner), last: deniedFrom(0, last) };
}

/** Membership test for the text between the brackets of a set. */
function member(text: string): Membership {
  const negated = text.startsWith('^');
  const properties: RegExp[] = [];
  const set = (negated ? text.slice(1) : text).replace(/\\p\{(\w+)\}/g, (property) => {
    properties.push(new RegExp(property, 'u'));
    return '';
  });
  const tokens = [...set.matchAll(/\\x\{([0-9a-f]+)\}|\\(.)|(.)/gu)].map((token) => ({
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
  const hasProperty = (code: number) => properties.some((property) => property.test(String.fromCodePoint(code)));
  return (code) => (ranges.some(([low, high]) => code >= low && code <= high) || hasProperty(code)) !== negated;
}

function codeOf(character: string | undefined): number {
  return character?.codePointAt(0) ?? 0;
}

/** First and last of each range of code points from `start` on that are not allowed. */
function deniedFrom(start: number, allows: Membership): number[] {
  const ranges: number[] = [];
  let open = false;
  for (let code = start; code <= LAST_CODE_POINT + 1; code++) {
    const denied = code <= LAST_CODE_POINT && !allows(code);
    if (denied && !open) ranges.push(code);
    if (!denied && open) ranges.push(code - 1);
    open = denied;
  }
  return ranges;
}
