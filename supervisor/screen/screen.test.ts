import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { defaultContests } from '../../store/contests/default-contests.ts';
import { drawLine, drawScreen, type ScreenView } from './screen.ts';

const view: ScreenView = {
  addresses: [['Vote', 'http://localhost:8080']],
  services: [
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

test('shows counts, rates, lag and services', () => {
  const text = drawScreen(view, { columns: 160, rows: 40 }, false).join('\n');
  expect(text).toMatch(/up 1h 2m/);
  expect(text).toMatch(/cats-vs-dogs +3,000 {2}Cats 1,531 {2}Dogs 1,530/);
  expect(text).toMatch(/bandas .* and 4 more/);
  expect(text).toMatch(/votes http 1,200\/s {2}grpc 3\/s {2}connect 0\/s {3}lag tally 5 {2}log 17 {2}dead letters 2/);
  expect(text).toMatch(/● edge {2}○ consumer-1 waiting \(restarted 2 times\)/);
  expect(text).toMatch(/edge: line 29\n/);
});

test('is never larger than the terminal', () => {
  for (const size of [
    { columns: 40, rows: 8 },
    { columns: 80, rows: 24 },
    { columns: 200, rows: 3 },
  ]) {
    const lines = drawScreen(view, size, true);
    expect(lines.length, `${lines.length} lines in ${size.rows} rows`).toBeLessThan(size.rows);
    for (const line of lines) expect(stripVTControlCharacters(line).length, line).toBeLessThanOrEqual(size.columns);
  }
});

test('uses colors only on request', () => {
  expect(drawScreen(view, { columns: 80, rows: 30 }, false).join('').includes('\x1b')).toBeFalsy();
  expect(drawScreen(view, { columns: 80, rows: 30 }, true).join('').includes('\x1b[32m●')).toBeTruthy();
});

test('without a terminal, prints the same as one line and names services that are not running', () => {
  expect(drawLine(view)).toBe(
    'up 1h 2m | cats-vs-dogs 3000 | bandas 3000 | visits 3000 | votes http 1,200/s  grpc 3/s  connect 0/s   ' +
      'lag tally 5  log 17  dead letters 2 | consumer-1 waiting',
  );
});

test('shows that Redis does not answer', () => {
  const text = drawScreen({ ...view, status: undefined }, { columns: 80, rows: 30 }, false).join('\n');
  expect(text).toMatch(/no counts: Redis does not answer/);
  expect(text).toMatch(/lag tally \? {2}log \?/);
});
