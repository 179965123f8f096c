import { assert, expect, test } from 'vitest';
import { matrix } from './matrix.ts';
import { runFault } from './run-fault.ts';

const SEED = 1;
/** More would only compete with the tests that run at the same time. */
const VOTES_PER_SECOND = 500;

/** The faults that a change breaks most easily; `npm run test:faults` has them all. */
for (const id of ['F2', 'F4', 'F7b', 'F25', 'F26']) {
  const fault = matrix.find((candidate) => candidate.id === id);
  test(`${id}: ${fault?.title}`, { timeout: 120_000 }, async ({ signal }) => {
    assert(fault !== undefined, `the matrix has no ${id}`);
    const load = { perSecond: VOTES_PER_SECOND, ...fault.load };
    const { violations, lost, double, acknowledged, offered } = await runFault({ ...fault, load }, SEED, signal);
    expect(violations).toStrictEqual([]);
    expect({ lost, double }).toStrictEqual({ lost: 0, double: 0 });
    expect(acknowledged > 0 && acknowledged <= offered).toBeTruthy();
  });
}
