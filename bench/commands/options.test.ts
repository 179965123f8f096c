import { assert, expect, test } from 'vitest';
import { allBlocks, quickBlocks } from '../cells/blocks.ts';
import { readOptions } from './options.ts';

const read = (...args: string[]) => readOptions(args, ['single-64x1', 'batch-100']);

test('defaults of a full and a quick run', () => {
  const full = read();
  const quick = read('--quick');
  assert(typeof full !== 'string' && typeof quick !== 'string');
  expect([full.passes, full.windows, full.measureMs]).toStrictEqual([undefined, undefined, 400]);
  expect([quick.passes, quick.windows]).toStrictEqual([1, 6]);
  const long = read('--passes', '8', '--windows', '20');
  assert(typeof long !== 'string');
  expect([long.passes, long.windows]).toStrictEqual([8, 20]);
});

test('an invalid argument is reported with the allowed values', () => {
  expect(String(read('--passes', '0'))).toMatch(/--passes 0: must be a whole number from 1 to 50/);
  expect(String(read('--block', 'nope'))).toMatch(/single-64x1, batch-100/);
  expect(String(read('--cpu-price', '2'))).toMatch(/--cpu-price 2: must be a number from 0 to 1/);
  expect(String(read('--unknown'))).toMatch(/--unknown/);
});

test('every cell has its own id, and the quick run measures cells of the full run', () => {
  const ids = allBlocks().flatMap(({ cells }) => cells.map(({ id }) => id));
  expect(new Set(ids).size).toBe(ids.length);
  for (const { id } of quickBlocks().flatMap(({ cells }) => cells)) expect(ids).toContain(id);
});
