/** Numbers of the fields in a rejection; the same as in `assembly/rejection.ts`. */
export const FIELD_NONE = 0;
export const FIELD_CONTEST = 1;
export const FIELD_CHOICE = 2;
export const FIELD_VOTER = 3;
export const FIELD_ATTRIBUTES = 4;
export const FIELD_VOTE_ID = 5;
export const FIELD_SEQUENCE = 6;
export const FIELD_VOTE = 7;
export const FIELD_VOTES = 8;
export const FIELD_UNKNOWN = 9;

const NAMES = ['', 'contest', 'choice', 'voter', 'attributes', 'vote_id', 'sequence', 'vote', 'votes'];

/** `Rejection.field` for a field number and the key of the attribute or unknown field, empty if it has none. */
export function fieldName(field: number, key: string): string | undefined {
  if (field === FIELD_UNKNOWN) return key === '' ? undefined : key;
  const name = NAMES[field];
  if (name === undefined || name === '') return undefined;
  return key === '' ? name : `${name}.${key}`;
}
