import type fc from 'fast-check';

/** Code under test that accepts arbitrary bytes. */
export interface FuzzTarget {
  readonly inputs: fc.Arbitrary<Uint8Array>;
  /** Throws if the product misbehaves on these bytes. */
  check(input: Uint8Array): void;
}
