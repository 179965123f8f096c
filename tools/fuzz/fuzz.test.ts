import { describe, expect, test } from 'vitest';
import { fuzz, readSeeds } from './fuzz.ts';
import { PLANTED_BUGS } from './planted-bugs.ts';
import { TARGETS } from './targets.ts';

const SHORT_MS = 500;
const SEED = Date.now() % 2 ** 31;

describe('a short run finds no failure', () => {
  for (const [name, target] of Object.entries(TARGETS)) {
    test(name, () => {
      const { runs, failure } = fuzz(target, { ms: SHORT_MS, seed: SEED, examples: readSeeds(name) });
      expect(failure, `seed ${SEED}`).toBe(undefined);
      expect(runs).toBeGreaterThan(0);
    });
  }
});

describe('a planted bug is found within a minute', () => {
  for (const [name, target] of Object.entries(PLANTED_BUGS)) {
    test(name, { timeout: 90_000 }, () => {
      expect(fuzz(target, { ms: 60_000, seed: SEED }).failure).not.toBe(undefined);
    });
  }

  test('every target has a planted bug', () => {
    const planted = Object.keys(PLANTED_BUGS).map((name) => name.split(':')[0]);
    expect(new Set(planted)).toStrictEqual(new Set(Object.keys(TARGETS)));
  });
});
