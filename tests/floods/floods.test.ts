import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ATTACKS } from './attacks.ts';
import { faultsOf } from './faults-of.ts';
import { type FloodSystem, startFloodSystem } from './flood-system.ts';
import { runAttack } from './run-attack.ts';

/** A short form of `npm run test:floods`. Other work on the machine is allowed for. */
const MS = 2_000;
const LIMITS = { p99Ms: 500, growthBytes: 64 << 20, logBackMs: 2_000 };

describe('honest votes at 1,000 a second beside', () => {
  let system: FloodSystem;

  beforeAll(async () => {
    system = await startFloodSystem();
  });

  afterAll(async () => {
    await system?.[Symbol.asyncDispose]();
  });

  test.each(ATTACKS.map((attack) => [attack.name, attack] as const))('%s', async (_name, attack) => {
    const result = await runAttack(system, attack, MS);
    expect(faultsOf(attack, result, LIMITS, MS), JSON.stringify(result)).toStrictEqual([]);
  });
});
