import { expect, test } from 'vitest';
import { checkModel } from './check-model.ts';

test('the tally adds up to its model in 150 random sequences of commands', { timeout: 120_000 }, async () => {
  expect(await checkModel({ sequences: 150, seed: 1 })).toBe(undefined);
});
