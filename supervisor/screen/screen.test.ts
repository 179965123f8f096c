import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { defaultContests } from '../../store/contests/default-contests.ts';
import { drawLine, drawScreen, type ScreenView } from './screen.ts';

const view: ScreenView = {
  addresses: [['Vote', 'http://localhost:8080']],
  parts: [
    { name: 'edge', state: 'running', restarts: 0 },
    { name: 'consumer-1', state: 'waiting', restarts: 2 },
  ],
  status: {
    contests: defaultContests.map((contest) => ({
      contest,
      results: {
        contest: contest.id,
        status: 'open',
        version: 1,
        total: 3000,
        voters: 3000,
        changed: 0,
        countedUpTo: null,
        options: contest.options.map(({ id, label }, index) => ({ id, label, count: 1531 - index })),
      },
    })),
    rates: { http: 1200.4, grpc: 3, connect: 0 },
    lag: { tally: 5, log: 17 },
    deadLetters: 2,
  },
  upSeconds: 3725,
  messages: Array.from({ length: 30 }, (_, index) => `edge: line ${index}`),
  activity: '',
};

test('the screen shows counts, rates, lag and parts', () => {
  const text = drawScreen(view, { columns: 160, rows: 40 }, false).join('\n');
  assert.match(text, /up 1h 2m/);
  assert.match(text, /cats-vs-dogs +3,000 {2}Cats 1,531 {2}Dogs 1,530/);
  assert.match(text, /bandas .* and 4 more/);
  assert.match(text, /votes http 1,200\/s {2}grpc 3\/s {2}connect 0\/s {3}lag tally 5 {2}log 17 {2}dead letters 2/);
  assert.match(text, /● edge {2}○ consumer-1 waiting \(started again 2 times\)/);
  assert.match(text, /edge: line 29\n/);
});

test('it never is larger than the terminal', () => {
  for (const size of [
    { columns: 40, rows: 8 },
    { columns: 80, rows: 24 },
    { columns: 200, rows: 3 },
  ]) {
    const lines = drawScreen(view, size, true);
    assert.ok(lines.length < size.rows, `${lines.length} lines in ${size.rows} rows`);
    for (const line of lines) assert.ok(stripVTControlCharacters(line).length <= size.columns, line);
  }
});

test('colours come only where they were asked for', () => {
  assert.ok(!drawScreen(view, { columns: 80, rows: 30 }, false).join('').includes('\x1b'));
  assert.ok(drawScreen(view, { columns: 80, rows: 30 }, true).join('').includes('\x1b[32m●'));
});

test('without a terminal one line says the same, and names a part that does not run', () => {
  assert.equal(
    drawLine(view),
    'up 1h 2m | cats-vs-dogs 3000 | bandas 3000 | visits 3000 | votes http 1,200/s  grpc 3/s  connect 0/s   ' +
      'lag tally 5  log 17  dead letters 2 | consumer-1 waiting',
  );
});

test('a Redis that is away leaves the screen standing', () => {
  const text = drawScreen({ ...view, status: undefined }, { columns: 80, rows: 30 }, false).join('\n');
  assert.match(text, /no counts: Redis does not answer/);
  assert.match(text, /lag tally \? {2}log \?/);
});
