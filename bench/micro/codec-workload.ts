import { create, toBinary } from '@bufbuild/protobuf';
import { CastVotesRequestSchema } from '../../proto/gen/votewire/v1/service_pb.ts';
import { VoteSchema } from '../../proto/gen/votewire/v1/vote_pb.ts';
import type { CodecTable, VoteCodec } from '../../wasm/codec.ts';

/** Votes per batch, as in the targets. */
const BATCH = 500;
/** Number of different bodies in a single-vote case. */
const BODIES = 512;

const utf8 = new TextEncoder();

export const CODEC_BENCH_TABLE: CodecTable = {
  partitions: 4,
  contests: [
    { id: 'cats-vs-dogs', rule: 'one-per-voter', options: ['cats', 'dogs'] },
    {
      id: 'bandas',
      rule: 'open',
      options: ['alux-nahual', 'bohemia-suburbana', 'malacates-trebol-shop', 'viernes-verde', 'el-tambor-de-la-tribu'],
    },
  ],
};

/** One kind of work: the same bodies for every codec. */
export interface CodecCase {
  readonly name: string;
  readonly call: Exclude<keyof VoteCodec, 'name' | 'configure'>;
  readonly bodies: readonly Uint8Array[];
  /** Votes in each body. */
  readonly votes: number;
  /** True if all votes are rejected; otherwise all are accepted. */
  readonly refused: boolean;
}

interface PlainVote {
  readonly contest: string;
  readonly choice: string;
  readonly voter: string;
  readonly attributes?: Record<string, string>;
  readonly sequence?: number;
}

/** 80 bytes as JSON, 37 as protobuf. */
const plain = (at: number): PlainVote => ({
  contest: 'cats-vs-dogs',
  choice: at % 2 === 0 ? 'cats' : 'dogs',
  voter: `voter-${String(at * 7919).padStart(7, '0')}`,
  sequence: (at % 9) + 1,
});

const band = (at: number): PlainVote => ({
  contest: 'bandas',
  choice: CODEC_BENCH_TABLE.contests[1]?.options[at % 5] ?? '',
  voter: `fan-${at * 104729}`,
  attributes: { album: `Album ${at}`, rank: String((at % 10) + 1), year: String(1970 + (at % 50)) },
});

const beyondAscii = (at: number): PlainVote => ({ ...plain(at), voter: `José Ñandú ${at} 🎸` });

/** Typical client mistakes, which a parser finds early, late or only in the table of contests. */
const MISTAKES: readonly ((json: string) => string)[] = [
  (json) => json.slice(0, -1),
  (json) => `${json}}`,
  (json) => json.replace('"cats-vs-dogs"', '"cats-vs-doge"'),
  (json) => json.replace(/"(cats|dogs)",/, '"birds",'),
  (json) => json.replace('"voter":', '"user":'),
  (json) => json.replace(/"voter":"[^"]*"/, '"voter":12345678'),
  (json) => json.replace('"sequence":', '"sequence":-'),
  (json) => json.replace('voter-', '\\u0000'),
];

const jsonOf = (make: (at: number) => PlainVote, count: number) =>
  Array.from({ length: count }, (_, at) => JSON.stringify(make(at)));

const mistakenOf = (count: number) =>
  jsonOf(plain, count).map((json, at) => MISTAKES[at % MISTAKES.length]?.(json) ?? json);

function messageOf({ sequence = 0, ...vote }: PlainVote) {
  return create(VoteSchema, { ...vote, sequence: BigInt(sequence) });
}

const binaryOf = (make: (at: number) => PlainVote) =>
  Array.from({ length: BODIES }, (_, at) => toBinary(VoteSchema, messageOf(make(at))));

function batchOf(make: (at: number) => PlainVote): Uint8Array[] {
  const votes = Array.from({ length: BATCH }, (_, at) => messageOf(make(at)));
  return [toBinary(CastVotesRequestSchema, create(CastVotesRequestSchema, { votes }))];
}

const linesOf = (lines: readonly string[]) => [utf8.encode(lines.join('\n'))];
const encoded = (texts: readonly string[]) => texts.map((text) => utf8.encode(text));

export function codecCases(): CodecCase[] {
  const one = { votes: 1, refused: false } as const;
  const many = { votes: BATCH, refused: false } as const;
  return [
    { name: 'JSON', call: 'encodeJson', bodies: encoded(jsonOf(plain, BODIES)), ...one },
    { name: 'NDJSON of 500', call: 'encodeNdjson', bodies: linesOf(jsonOf(plain, BATCH)), ...many },
    { name: 'protobuf', call: 'encodeVote', bodies: binaryOf(plain), ...one },
    { name: 'protobuf of 500', call: 'encodeVotes', bodies: batchOf(plain), ...many },
    { name: 'JSON, attributes', call: 'encodeJson', bodies: encoded(jsonOf(band, BODIES)), ...one },
    { name: 'NDJSON of 500, attributes', call: 'encodeNdjson', bodies: linesOf(jsonOf(band, BATCH)), ...many },
    { name: 'protobuf, attributes', call: 'encodeVote', bodies: binaryOf(band), ...one },
    { name: 'JSON, beyond ASCII', call: 'encodeJson', bodies: encoded(jsonOf(beyondAscii, BODIES)), ...one },
    { name: 'JSON, refused', call: 'encodeJson', bodies: encoded(mistakenOf(BODIES)), votes: 1, refused: true },
    {
      name: 'NDJSON of 500, refused',
      call: 'encodeNdjson',
      bodies: linesOf(mistakenOf(BATCH)),
      votes: BATCH,
      refused: true,
    },
  ];
}
