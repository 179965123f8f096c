import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { HeaderField } from './header-field.ts';
import { HpackDecoder } from './hpack-decoder.ts';

/** `name: value` of each field; undefined if the block is rejected. */
function decode(decoder: HpackDecoder, hex: string): string[] | undefined {
  const block = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  const fields: string[] = [];
  const field = ({ name, value }: HeaderField) => void fields.push(`${name}: ${value}`);
  return decoder.decode(block, 0, block.length, { field }) ? fields : undefined;
}

describe('examples of RFC 7541', () => {
  const requests = [
    [':method: GET', ':scheme: http', ':path: /', ':authority: www.example.com'],
    [':method: GET', ':scheme: http', ':path: /', ':authority: www.example.com', 'cache-control: no-cache'],
    [':method: GET', ':scheme: https', ':path: /index.html', ':authority: www.example.com', 'custom-key: custom-value'],
  ];

  test('C.2: representations of a field', () => {
    expect(decode(new HpackDecoder(), '400a637573746f6d2d6b65790d637573746f6d2d686561646572')).toEqual([
      'custom-key: custom-header',
    ]);
    expect(decode(new HpackDecoder(), '040c2f73616d706c652f70617468')).toEqual([':path: /sample/path']);
    expect(decode(new HpackDecoder(), '100870617373776f726406736563726574')).toEqual(['password: secret']);
    expect(decode(new HpackDecoder(), '82')).toEqual([':method: GET']);
  });

  test.each([
    [
      'C.3: requests',
      '828684410f7777772e6578616d706c652e636f6d',
      '828684be58086e6f2d6361636865',
      '828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565',
    ],
    [
      'C.4: Huffman-coded requests',
      '828684418cf1e3c2e5f23a6ba0ab90f4ff',
      '828684be5886a8eb10649cbf',
      '828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf',
    ],
  ])('%s', (_name, ...blocks) => {
    const decoder = new HpackDecoder();
    expect(blocks.map((block) => decode(decoder, block))).toEqual(requests);
  });

  test('C.6: responses that evict entries from a table of 256 bytes', () => {
    const decoder = new HpackDecoder(256);
    const blocks = [
      '488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3',
      '4883640effc1c0bf',
      '88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007',
    ];
    expect(blocks.map((block) => decode(decoder, block))).toEqual([
      [
        ':status: 302',
        'cache-control: private',
        'date: Mon, 21 Oct 2013 20:13:21 GMT',
        'location: https://www.example.com',
      ],
      [
        ':status: 307',
        'cache-control: private',
        'date: Mon, 21 Oct 2013 20:13:21 GMT',
        'location: https://www.example.com',
      ],
      [
        ':status: 200',
        'cache-control: private',
        'date: Mon, 21 Oct 2013 20:13:22 GMT',
        'location: https://www.example.com',
        'content-encoding: gzip',
        'set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1',
      ],
    ]);
  });
});

describe('invalid blocks', () => {
  test.each([
    ['index 0', '80'],
    ['index beyond both tables', 'be'],
    ['name index beyond both tables', '7f0f0161'],
    ['integer without an end', 'ff'],
    ['integer of more than 28 bits', 'ff8080808001'],
    ['integer with zeros that never end', 'ff808080808080808080808080'],
    ['index of 2^32 and 1', '82ff82ffffff0f'],
    ['string beyond the block', '400a6375'],
    ['value missing', '4001'],
    ['table size above the limit', '3fe21f'],
    ['table size after a field', '8220'],
    ['Huffman padding of 8 bits', '4001618287ff'],
    ['Huffman padding of zeros', '400161811800'.slice(0, 10)],
    ['Huffman EOS', '40016184ffffffff'],
  ])('%s', (_name, block) => {
    expect(decode(new HpackDecoder(), block)).toBeUndefined();
  });
});

test('a table size of 0 empties the table, and entries larger than the table are not kept', () => {
  const decoder = new HpackDecoder();
  expect(decode(decoder, '4001610162 be')).toEqual(['a: b', 'a: b']);
  expect(decode(decoder, '20 be')).toBeUndefined();
  expect(decode(decoder, '3fe11f 4001610162 be')).toEqual(['a: b', 'a: b']);
  // 1 + 4096 + 32 bytes.
  const huge = `40016 17f811f${'61'.repeat(4096)}`;
  expect(decode(decoder, huge)).toHaveLength(1);
  expect(decode(decoder, 'be')).toBeUndefined();
});

test('the version of the table shows whether a block changed it', () => {
  const decoder = new HpackDecoder();
  const before = decoder.tableVersion;
  decode(decoder, '8286 0001610162 1001610162');
  expect(decoder.tableVersion).toBe(before);
  decode(decoder, '4001610162');
  expect(decoder.tableVersion).not.toBe(before);
});

interface Story {
  readonly cases: readonly {
    readonly wire: string;
    readonly header_table_size?: number;
    readonly headers: readonly Readonly<Record<string, string>>[];
  }[];
}

const stories = new URL('../testing/hpack-stories/', import.meta.url);

describe('blocks of other implementations', () => {
  test.each(readdirSync(stories).filter((file) => file.endsWith('.json')))('%s', (file) => {
    const story = JSON.parse(readFileSync(new URL(file, stories), 'utf8')) as Story;
    const decoder = new HpackDecoder();
    for (const { wire, headers } of story.cases) {
      const expected = headers.map((header) => Object.entries(header).map(([name, value]) => `${name}: ${value}`));
      expect(decode(decoder, wire)).toEqual(expected.flat());
    }
  });
});
