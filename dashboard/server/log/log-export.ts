import type { LoggedVote } from '../../../store/log/log-store.ts';
import type { LogItem } from '../../api/log.ts';

export type ExportFormat = 'ndjson' | 'csv';

const COLUMNS = ['id', 'contest', 'choice', 'voter', 'attributes', 'path', 'edge', 'receivedAt'] as const;
const CHUNK_CHARACTERS = 64 * 1024;

/**
 * Writes votes down as NDJSON (a log item a line) or CSV (RFC 4180, one header row). The stream is pulled: what the
 * reader has not taken yet is not read from the store either.
 *
 * @param item how a vote is shown
 */
export function exportVotes(
  votes: AsyncIterable<LoggedVote>,
  format: ExportFormat,
  item: (vote: LoggedVote) => LogItem,
): ReadableStream<Uint8Array> {
  const chunks = encode(votes, format, item);
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await chunks.next();
        if (done) controller.close();
        else controller.enqueue(Buffer.from(value));
      },
      async cancel() {
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

/**
 * One CSV cell. A spreadsheet takes a cell that starts with one of `= + - @`, a tab or a carriage return for a formula:
 * such a cell gets a leading apostrophe.
 */
export function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
