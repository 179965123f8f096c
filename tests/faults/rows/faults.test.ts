import { assert, expect, test } from 'vitest';
import { runFault } from './fault.ts';
import { matrix } from './matrix.ts';

/** The faults that are most likely to break by a change; `npm run test:faults` has them all. */
for (const id of ['F2', 'F4', 'F7b', 'F25', 'F26']) {
  const fault = matrix.find((candidate) => candidate.id === id);
  test(`${id}: ${fault?.title}`, { timeout: 120_000 }, async ({ signal }) => {
    assert(fault !== undefined, `the matrix has no ${id}`);
    const { violations, lost, double, acknowledged, offered } = await runFault(fault, signal);
    expect(violations).toStrictEqual([]);
    expect({ lost, double }).toStrictEqual({ lost: 0, double: 0 });
    expect(acknowledged > 0 && acknowledged <= offered).toBeTruthy();
  });
}
