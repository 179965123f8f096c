import assert from 'node:assert/strict';
import { test } from 'node:test';
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
    assert.match(cell, /^"?'/, JSON.stringify(cell));
  }
  assert.equal(csvCell('=1+1'), "'=1+1");
  assert.equal(csvCell('say "hi", you'), '"say ""hi"", you"');
  assert.equal(csvCell('two\r\nlines'), '"two\r\nlines"');
  assert.equal(csvCell('plain'), 'plain');
});

test('a whole export has no raw cell', async () => {
  const stream = exportVotes(later(votes(3, { album: '=HYPERLINK("http://x")' })), 'csv', (vote) => ({
    ...logItem(vote, nothing),
    edge: '@SUM(1)',
    choice: '-2+3',
  }));
  const text = await new Response(stream).text();
  for (const line of text.trimEnd().split('\r\n').slice(1)) {
    assert.doesNotMatch(line, /(^|,)"?[=+\-@\t]/);
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
  assert.ok(read < 5000, `${read} votes were read for one chunk`);
  await reader.cancel();
  assert.ok(read < 5000);
});
