import type { LoggedVote } from '../../../store/log/log-store.ts';
import type { LogItem } from '../../api/log.ts';
import { csvCell } from '../http/csv-cell.ts';

export type ExportFormat = 'ndjson' | 'csv';

const COLUMNS = ['id', 'contest', 'choice', 'voter', 'attributes', 'path', 'edge', 'receivedAt'] as const;
const CHUNK_CHARACTERS = 64 * 1024;
/** A reader that takes no chunk for this long is disconnected, because the number of exports is limited. */
const STALL_MS = 30_000;

export interface ExportOptions {
  /** Converts a logged vote to its public view. */
  readonly item: (vote: LoggedVote) => LogItem;
  /** Called if the reader stalls. */
  readonly cut: () => void;
  readonly stallMs?: number;
}

/**
 * Encodes votes as NDJSON (one log item per line) or CSV (RFC 4180, one header row). Resolves after the first chunk is
 * read, so that a log that does not answer causes an error and not an empty file. The rest is pulled: votes are read
 * from the store as fast as the reader takes them. A later failure errors the stream, which aborts the transfer.
 *
 * @throws whatever `votes` throws before the first chunk is complete
 */
export async function exportVotes(
  votes: AsyncIterable<LoggedVote>,
  format: ExportFormat,
  { item, cut, stallMs = STALL_MS }: ExportOptions,
): Promise<ReadableStream<Uint8Array>> {
  const chunks = encode(votes, format, item);
  let first: IteratorResult<string, undefined> | undefined = await chunks.next();
  let stalled: NodeJS.Timeout | undefined;
  return new ReadableStream(
    {
      async pull(controller) {
        clearTimeout(stalled);
        const { done, value } = first ?? (await chunks.next());
        first = undefined;
        if (done) {
          controller.close();
          return;
        }
        stalled = setTimeout(cut, stallMs);
        controller.enqueue(Buffer.from(value));
      },
      async cancel() {
        clearTimeout(stalled);
        await chunks.return(undefined);
      },
    },
    { highWaterMark: 1 },
  );
}

async function* encode(
  votes: AsyncIterable<LoggedVote>,
  format: ExportFormat,
  item: (vote: LoggedVote) => LogItem,
): AsyncGenerator<string, undefined, undefined> {
  let text = format === 'csv' ? `${COLUMNS.join(',')}\r\n` : '';
  for await (const vote of votes) {
    const row = item(vote);
    text += format === 'csv' ? csvRow(row) : `${JSON.stringify(row)}\n`;
    if (text.length >= CHUNK_CHARACTERS) {
      yield text;
      text = '';
    }
  }
  if (text !== '') yield text;
  return undefined;
}

function csvRow(item: LogItem): string {
  const attributes = Object.keys(item.attributes).length === 0 ? '' : JSON.stringify(item.attributes);
  const cells = COLUMNS.map((column) => csvCell(column === 'attributes' ? attributes : (item[column] ?? '')));
  return `${cells.join(',')}\r\n`;
}
