import { assert, expect, test } from 'vitest';
import { matrix } from './matrix.ts';
import { runFault } from './run-fault.ts';

const SEED = 1;
/** A higher rate would only compete with tests that run at the same time. */
const VOTES_PER_SECOND = 500;

/** The faults that changes are most likely to break; `npm run test:faults` runs all of them. */
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
