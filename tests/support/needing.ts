import { describe, test } from 'vitest';

/** Why a test is skipped on this machine; false or undefined if it runs. */
export type Missing = string | false | undefined;

/** `test`, or a test that skips with the reason. */
export function testNeeding(missing: Missing): typeof test {
  return (missing ? (name: string) => test(name, ({ skip }) => skip(missing)) : test) as typeof test;
}

/** `describe`, or one skipped test instead of the group. */
export function describeNeeding(missing: Missing): typeof describe {
  return (missing ? (name: string) => test(name, ({ skip }) => skip(missing)) : describe) as typeof describe;
}
