import { expect, test } from 'vitest';
import type { LoggedVote } from '../../../store/log/log-store.ts';
import { testEntry } from '../../../store/log/testing/test-entries.ts';
import { csvCell, exportVotes } from './log-export.ts';
import { logItem } from './log-view.ts';

const nothing = { list: () => [], get: () => undefined };

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

test('no cell can be taken for a formula', () => {
  for (const start of ['=', '+', '-', '@', '\t', '\r', '\n']) {
    const cell = csvCell(`${start}cmd|' /C calc'!A0`);
    expect(cell, JSON.stringify(cell)).toMatch(/^"?'/);
  }
  expect(csvCell('=1+1')).toBe("'=1+1");
  expect(csvCell('say "hi", you')).toBe('"say ""hi"", you"');
  expect(csvCell('two\r\nlines')).toBe('"two\r\nlines"');
  expect(csvCell('plain')).toBe('plain');
});

test('a whole export has no raw cell', async () => {
  const stream = exportVotes(later(votes(3, { album: '=HYPERLINK("http://x")' })), 'csv', (vote) => ({
    ...logItem(vote, nothing),
    edge: '@SUM(1)',
    choice: '-2+3',
  }));
  const text = await new Response(stream).text();
  for (const line of text.trimEnd().split('\r\n').slice(1)) {
    expect(line).not.toMatch(/(^|,)"?[=+\-@\t]/);
  }
});

test('an export is read no faster than it is taken', async () => {
  let read = 0;
  async function* counting(): AsyncGenerator<LoggedVote> {
    for (const vote of votes(100_000)) {
      read += 1;
      yield vote;
    }
  }
  const reader = exportVotes(counting(), 'ndjson', (vote) => logItem(vote, nothing)).getReader();
  await reader.read();
  expect(read, `${read} votes were read for one chunk`).toBeLessThan(5000);
  await reader.cancel();
  expect(read).toBeLessThan(5000);
});
