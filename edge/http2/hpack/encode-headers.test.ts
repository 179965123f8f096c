import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeHeaders } from './encode-headers.ts';
import type { HeaderField } from './header-field.ts';
import { HpackDecoder } from './hpack-decoder.ts';

function decode(block: Buffer): [string, string][] {
  const fields: [string, string][] = [];
  const decoder = new HpackDecoder();
  const field = ({ name, value }: HeaderField) => void fields.push([name, value]);
  expect(decoder.decode(block, 0, block.length, { field })).toBe(true);
  expect(decoder.tableVersion).toBe(0);
  return fields;
}

test('any fields decode to themselves and leave the table unchanged', () => {
  const text = fc
    .array(fc.integer({ min: 0, max: 255 }), { maxLength: 300 })
    .map((codes) => String.fromCharCode(...codes));
  const known = fc.constantFrom(':status', 'content-type', 'grpc-status', 'set-cookie');
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(
          fc.oneof(
            known,
            text.filter((name) => name !== ''),
          ),
          text,
        ),
      ),
      (pairs) => {
        expect(decode(encodeHeaders(pairs))).toEqual(pairs);
      },
    ),
  );
});

test('a field in the static table takes one byte', () => {
  expect([...encodeHeaders([[':status', '200']])]).toEqual([0x88]);
});
