import type { JsonValue } from '@bufbuild/protobuf';
import { MAX_SEQUENCE } from '../../../wasm/limits.ts';

/** In the range of the field's type, but outside the range that the codec allows. */
const OUT_OF_RANGE = `${2n ** 64n - 1n}`;

/**
 * Converts a sequence in JSON so that protobuf's parser reads it as the codecs do. Unconverted, that parser rounds
 * numbers and accepts strings other than digits.
 *
 * @param source the text of a number
 */
export function sequenceJson(value: JsonValue | undefined, source = `${value}`): JsonValue {
  if (typeof value === 'number') return digitsOf(source) ?? OUT_OF_RANGE;
  // null means an absent field; anything else has a wrong type.
  if (typeof value !== 'string') return value ?? null;
  if (!/^[0-9]+$/.test(value)) return false;
  return value.length <= 16 ? value : OUT_OF_RANGE;
}

/** The digits of a number whose value is an integer from 0 to MAX_SEQUENCE. */
function digitsOf(source: string): string | undefined {
  const [, minus, whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(source) ?? [];
  // Without leading and trailing zeros, a number with more digits than MAX_SEQUENCE is out of range.
  const digits = `${whole}${fraction}`.replace(/0+$/, '');
  const significant = digits.replace(/^0+/, '');
  if (significant === '') return '0';
  const zeros = Number(exponent) + whole.length - digits.length;
  if (minus !== '' || zeros < 0 || significant.length + zeros > 16) return undefined;
  const value = BigInt(significant) * 10n ** BigInt(zeros);
  return value <= BigInt(MAX_SEQUENCE) ? `${value}` : undefined;
}
