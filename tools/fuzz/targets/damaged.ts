import fc from 'fast-check';
import { mutated } from '../../../wasm/testing/codec-generators.ts';

const noise = fc.uint8Array({ maxLength: 64 });

/** Inputs with some changed bytes, and sometimes noise. */
export function damaged(inputs: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  return fc.oneof({ weight: 4, arbitrary: inputs.chain(mutated) }, noise);
}

/** Texts, some of them damaged. */
export function texts(valid: readonly string[]): fc.Arbitrary<Uint8Array> {
  const whole = fc.constantFrom(...valid).map((text) => new TextEncoder().encode(text));
  return fc.oneof({ weight: 1, arbitrary: whole }, { weight: 4, arbitrary: damaged(whole) });
}

/** The text of an input: one character per byte, as in a header. */
export function textOf(input: Uint8Array): string {
  return Buffer.from(input).toString('latin1');
}
