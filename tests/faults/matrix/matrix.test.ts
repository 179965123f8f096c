import { assert, expect, test } from 'vitest';
import { matrix } from './matrix.ts';
import { runFault } from './run-fault.ts';

const SEED = 1;

/** The faults that a change breaks most easily; `npm run test:faults` has them all. */
for (const id of ['F2', 'F4', 'F7b', 'F25', 'F26']) {
  const fault = matrix.find((candidate) => candidate.id === id);
  test(`${id}: ${fault?.title}`, { timeout: 120_000 }, async ({ signal }) => {
    assert(fault !== undefined, `the matrix has no ${id}`);
    const { violations, lost, double, acknowledged, offered } = await runFault(fault, SEED, signal);
    expect(violations).toStrictEqual([]);
    expect({ lost, double }).toStrictEqual({ lost: 0, double: 0 });
    expect(acknowledged > 0 && acknowledged <= offered).toBeTruthy();
  });
}
