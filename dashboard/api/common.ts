import * as v from 'valibot';

/** Schemas that several others share. Times are ISO 8601 in UTC, counts are integers. */

export const idSchema = v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9._-]{0,63}$/));
export const timeSchema = v.pipe(v.string(), v.isoTimestamp());
export const countSchema = v.pipe(v.number(), v.integer(), v.minValue(0));
export const textsSchema = v.record(v.string(), v.string());

/** Two counts. The OpenAPI document has a list of two, because few OpenAPI tools support tuples. */
export const pairSchema = v.pipe(v.array(countSchema), v.length(2)) as unknown as v.GenericSchema<[number, number]>;

/** A read-only list. */
export function list<const T extends v.GenericSchema>(item: T) {
  return v.pipe(v.array(item), v.readonly());
}

/** Gives a schema its name in the OpenAPI document. */
export function named<const T extends v.GenericSchema>(ref: string, schema: T) {
  return v.pipe(schema, v.metadata({ ref }));
}
