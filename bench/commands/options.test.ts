import { assert, expect, test } from 'vitest';
import { allVariants, quickVariants } from '../runner/scenarios.ts';
import { readOptions } from './options.ts';

const read = (...args: string[]) => readOptions(args, ['transport', 'batch']);

test('defaults of a full and a quick run', () => {
  const full = read();
  const quick = read('--quick');
  assert(typeof full !== 'string' && typeof quick !== 'string');
  expect([full.rounds, full.measureMs]).toStrictEqual([5, 2000]);
  expect([quick.rounds, quick.measureMs]).toStrictEqual([3, 1000]);
  expect(quick.ownLength).toBe(false);
  const long = read('--quick', '--seconds', '20');
  assert(typeof long !== 'string' && long.ownLength, 'a length set by the caller is not cut short');
});

test('an invalid argument is reported with the allowed values', () => {
  expect(String(read('--rounds', '0'))).toMatch(/--rounds 0: it must be a whole number from 1 to 50/);
  expect(String(read('--scenario', 'nope'))).toMatch(/transport, batch/);
  expect(String(read('--target', 'edge'))).toMatch(/origin/);
  expect(String(read('--unknown'))).toMatch(/--unknown/);
});

test('every variant has an id of its own, and each side of a comparison does the same work', () => {
  const variants = allVariants();
  expect(new Set(variants.map(({ id }) => id)).size).toBe(variants.length);
  for (const { id } of quickVariants())
    expect(
      variants.some((variant) => variant.id === id),
      id,
    ).toBeTruthy();
});
