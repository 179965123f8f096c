import { listOf, nullable, parseArray, parseBytes, tupleOf } from '../../store/redis/replies.ts';
import { TRACEPARENT } from '../../telemetry/traceparent.ts';

/** An entry of a vote stream, as a consumer group delivers it. */
export interface StreamEntry {
  readonly id: string;
  /** The field `b`; undefined if it is missing because another program wrote the entry. */
  readonly bytes: Buffer | undefined;
  /** Set on a replayed dead letter: the group that must handle it, and the id of the original entry. */
  readonly replay: { readonly group: string; readonly position: string } | undefined;
  /** The field `traceparent`: the trace contexts of the entry's sampled votes, separated by commas. */
  readonly traceparents: string | undefined;
}

/** Entries of one partition. */
export interface Delivery {
  readonly partition: number;
  readonly entries: readonly StreamEntry[];
  /** True if the entries were delivered before, so that they may not be contiguous. */
  readonly claimed?: boolean;
}

const parseRow = tupleOf(parseBytes, nullable(listOf(parseBytes)));

/** Parses the entries of an XREADGROUP or XAUTOCLAIM reply; skips deleted entries, which have no fields. */
export function parseEntries(reply: unknown): StreamEntry[] {
  const entries: StreamEntry[] = [];
  for (const row of parseArray(reply)) {
    const [id, fields] = parseRow(row);
    if (fields === null) continue;
    const [name, value] = fields;
    const isPlain = fields.length === 2 && name?.length === 1 && name[0] === 0x62;
    entries.push(
      isPlain
        ? { id: id.toString('latin1'), bytes: value, replay: undefined, traceparents: undefined }
        : { id: id.toString('latin1'), ...readFields(fields) },
    );
  }
  return entries;
}

function readFields(fields: readonly Buffer[]): Omit<StreamEntry, 'id'> {
  let bytes: Buffer | undefined;
  let replay: StreamEntry['replay'];
  let traceparents: string | undefined;
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i]?.toString();
    const value = fields[i + 1];
    if (name === 'b') bytes = value;
    if (name === TRACEPARENT) traceparents = value?.toString('latin1');
    const match = name === 'replay' ? /^(tally|log) (\d+-\d+)$/.exec(value?.toString() ?? '') : null;
    if (match) replay = { group: match[1] ?? '', position: match[2] ?? '' };
  }
  return { bytes, replay, traceparents };
}
