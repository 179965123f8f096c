import { describe, test } from 'vitest';

/** The reason to skip a test on this machine; false or undefined: none. */
export type Missing = string | false | undefined;

/** `test`, or a test that skips with the reason. */
export function testNeeding(missing: Missing): typeof test {
  return (missing ? (name: string) => test(name, ({ skip }) => skip(missing)) : test) as typeof test;
}

/** `describe`, or one skipped test in place of the group. */
export function describeNeeding(missing: Missing): typeof describe {
  return (missing ? (name: string) => test(name, ({ skip }) => skip(missing)) : describe) as typeof describe;
}
