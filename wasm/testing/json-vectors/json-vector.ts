import type { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import type { ExpectedVote, Vector } from '../vector.ts';

const utf8 = new TextEncoder();

/** Members of a vote that the vectors vary. */
export const CATS = '"contest":"cats-vs-dogs","choice":"cats"';
export const ANA: ExpectedVote = { contest: 'cats-vs-dogs', choice: 'cats', voter: 'ana' };
export const BAND = '"contest":"bandas","choice":"alux-nahual","voter":"luis"';
export const LUIS: ExpectedVote = { contest: 'bandas', choice: 'alux-nahual', voter: 'luis' };

export function ok(name: string, body: string, vote: ExpectedVote): Vector {
  return { name, call: 'encodeJson', body: utf8.encode(body), votes: [vote] };
}

/** `where`: the problem is at the first occurrence of this text; `'$'`: at the end. */
export function bad(
  name: string,
  body: string | Uint8Array,
  code: ErrorCode,
  where: string | number,
  field?: string,
): Vector {
  const bytes = typeof body === 'string' ? utf8.encode(body) : body;
  return { name, call: 'encodeJson', body: bytes, failure: { code, offset: placeOf(body, where), ...named(field) } };
}

function named(field: string | undefined): { field?: string } {
  return field === undefined ? {} : { field };
}

function placeOf(body: string | Uint8Array, where: string | number): number {
  if (typeof where === 'number') return where;
  if (typeof body !== 'string') throw new Error('bytes need a number');
  if (where === '$') return utf8.encode(body).length;
  const at = body.indexOf(where);
  if (at < 0) throw new Error(`${where} is not in ${body}`);
  return utf8.encode(body.slice(0, at)).length;
}

/** Text with bytes as `\xNN`. */
export function raw(text: string): Uint8Array {
  const parts = text.split(/\\x([0-9a-f]{2})/);
  return Uint8Array.from(
    parts.flatMap((part, at) => (at % 2 === 1 ? [Number.parseInt(part, 16)] : [...utf8.encode(part)])),
  );
}

export const attributes = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, `v${at}`] as const));
