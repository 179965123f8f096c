/** A reply of names and values in turn, as a record. */
export function flatToRecord<T>(reply: readonly T[]): Record<string, T> {
  const record: Record<string, T> = Object.create(null);
  for (let i = 0; i + 1 < reply.length; i += 2) {
    const value = reply[i + 1];
    if (value !== undefined) record[String(reply[i])] = value;
  }
  return record;
}
