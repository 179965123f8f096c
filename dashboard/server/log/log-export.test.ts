import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { LoggedVote } from '../../../store/log/log-store.ts';
import { testEntry } from '../../../store/log/testing/test-entries.ts';
import { csvCell } from '../http/csv-cell.ts';
import { type ExportOptions, exportVotes } from './log-export.ts';
import { logItem } from './log-view.ts';

const nothing = { list: () => [], get: () => undefined };
const OPTIONS: ExportOptions = { item: (vote) => logItem(vote, nothing), cut: () => expect.unreachable('cut') };

function* votes(count: number, attributes: Record<string, string> = {}): Generator<LoggedVote> {
  for (let n = 0; n < count; n++) {
    const { votes: own, contentHash: _, ...entry } = testEntry(n, { votes: [{ attributes }] });
    const [vote] = own;
    if (vote !== undefined) yield { ...entry, ...vote, index: 0 };
  }
}

async function* later(source: Iterable<LoggedVote>): AsyncGenerator<LoggedVote> {
  for (const vote of source) yield vote;
}

test('no cell is a formula to a spreadsheet', () => {
  for (const start of ['=', '+', '-', '@', '\t', '\r', '\n']) {
    const cell = csvCell(`${start}cmd|' /C calc'!A0`);
    expect(cell, JSON.stringify(cell)).toMatch(/^"?'/);
  }
  expect(csvCell('=1+1')).toBe("'=1+1");
  expect(csvCell('say "hi", you')).toBe('"say ""hi"", you"');
  expect(csvCell('two\r\nlines')).toBe('"two\r\nlines"');
  expect(csvCell('plain')).toBe('plain');
});

test('every cell of an export is escaped', async () => {
  const stream = await exportVotes(later(votes(3, { album: '=HYPERLINK("http://x")' })), 'csv', {
    ...OPTIONS,
    item: (vote) => ({ ...logItem(vote, nothing), edge: '@SUM(1)', choice: '-2+3' }),
  });
  const text = await new Response(stream).text();
  for (const line of text.trimEnd().split('\r\n').slice(1)) {
    expect(line).not.toMatch(/(^|,)"?[=+\-@\t]/);
  }
});

test('an export reads the log no faster than its client', async () => {
  let read = 0;
  async function* counting(): AsyncGenerator<LoggedVote> {
    for (const vote of votes(100_000)) {
      read += 1;
      yield vote;
    }
  }
  const stream = await exportVotes(counting(), 'ndjson', OPTIONS);
  const reader = stream.getReader();
  await reader.read();
  expect(read, `${read} votes were read for one chunk`).toBeLessThan(5000);
  await reader.cancel();
  expect(read).toBeLessThan(5000);
});

test('rejects if the log fails before the first chunk, so that no empty file is sent', async () => {
  async function* failing(): AsyncGenerator<LoggedVote> {
    yield* votes(1);
    throw new Error('the store is down');
  }
  const exported = exportVotes(failing(), 'csv', OPTIONS);
  await expect(exported).rejects.toThrow('the store is down');
});

test('errors the stream if the log fails later', async () => {
  async function* failing(): AsyncGenerator<LoggedVote> {
    yield* votes(2000);
    throw new Error('the store is down');
  }
  const stream = await exportVotes(failing(), 'csv', OPTIONS);
  await expect(new Response(stream).text()).rejects.toThrow('the store is down');
});

test('disconnects a reader that has stalled, but not a slow one', async () => {
  const stalled = Promise.withResolvers<void>();
  const stream = await exportVotes(later(votes(100_000)), 'ndjson', { ...OPTIONS, stallMs: 200, cut: stalled.resolve });
  const reader = stream.getReader();
  let isCut = false;
  void stalled.promise.then(() => {
    isCut = true;
  });
  for (let chunk = 0; chunk < 10; chunk++) {
    await reader.read();
    await delay(50);
  }
  expect(isCut).toBe(false);
  await stalled.promise;
  await reader.cancel();
});
