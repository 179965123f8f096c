import { describe, test } from 'vitest';

/** What a test needs and this machine lacks, as the reason that the report gives; false or undefined: nothing. */
export type Missing = string | false | undefined;

/** `test`, or a test that is skipped with its reason. */
export function testNeeding(missing: Missing): typeof test {
  return (missing ? (name: string) => test(name, ({ skip }) => skip(missing)) : test) as typeof test;
}

/** `describe`, or one skipped test that stands for the whole group. */
export function describeNeeding(missing: Missing): typeof describe {
  return (missing ? (name: string) => test(name, ({ skip }) => skip(missing)) : describe) as typeof describe;
}
