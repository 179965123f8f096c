import { listOf, nullable, parseArray, parseBytes, tupleOf } from '../../store/redis/replies.ts';
import { TRACEPARENT } from '../../telemetry/traceparent.ts';

/** An entry of a vote stream, as a consumer group delivers it. */
export interface StreamEntry {
  readonly id: string;
  /** The field `b`; undefined if there is none, because something other than an edge wrote the entry. */
  readonly bytes: Buffer | undefined;
  /** Set on a replayed dead letter: the group it is for, and the entry id that its votes had first. */
  readonly replay: { readonly group: string; readonly position: string } | undefined;
  /** The field `traceparent`: the traces of sampled votes in it, separated by commas. */
  readonly traceparents: string | undefined;
}

/** Entries of one partition. */
export interface Delivery {
  readonly partition: number;
  readonly entries: readonly StreamEntry[];
  /** Delivered before, so that entries of other consumers may lie between them. */
  readonly claimed?: boolean;
}

const parseRow = tupleOf(parseBytes, nullable(listOf(parseBytes)));

/** Reads the entries of an XREADGROUP or XAUTOCLAIM reply; deleted entries have no fields and are left out. */
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
