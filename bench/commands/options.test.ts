import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allVariants, quickVariants } from '../runner/scenarios.ts';
import { readOptions } from './options.ts';

const read = (...args: string[]) => readOptions(args, ['transport', 'batch']);

test('defaults of a full and a quick run', () => {
  const full = read();
  const quick = read('--quick');
  assert.ok(typeof full !== 'string' && typeof quick !== 'string');
  assert.deepEqual([full.rounds, full.measureMs, full.driver], [5, 2000, 'own']);
  assert.deepEqual([quick.rounds, quick.measureMs], [3, 1000]);
  assert.equal(quick.ownLength, false);
  const long = read('--quick', '--seconds', '20');
  assert.ok(typeof long !== 'string' && long.ownLength, 'who says how long to measure is not cut short');
});

test('what is not understood is said, with what is allowed', () => {
  assert.match(String(read('--rounds', '0')), /--rounds 0: it must be a whole number from 1 to 50/);
  assert.match(String(read('--scenario', 'nope')), /transport, batch/);
  assert.match(String(read('--driver', 'ab')), /own, h2load or wrk/);
  assert.match(String(read('--target', 'edge')), /origin/);
  assert.match(String(read('--unknown')), /--unknown/);
});

test('every variant has an id of its own, and each side of a comparison does the same work', () => {
  const variants = allVariants();
  assert.equal(new Set(variants.map(({ id }) => id)).size, variants.length);
  for (const { id } of quickVariants())
    assert.ok(
      variants.some((variant) => variant.id === id),
      id,
    );
});
