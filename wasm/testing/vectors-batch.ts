import { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import type { ExpectedRejection, Vector } from './vector.ts';

const utf8 = new TextEncoder();

const LINE = '{"contest":"cats-vs-dogs","choice":"cats","voter":"ana"}';
const VOTE = { contest: 'cats-vs-dogs', choice: 'cats', voter: 'ana' };

function failed(name: string, body: string, failure: ExpectedRejection): Vector {
  return { name, call: 'encodeNdjson', body: utf8.encode(body), failure };
}

export const batchVectors: readonly Vector[] = [
  {
    name: 'lines that end in LF, in CRLF and at the end of the body',
    call: 'encodeNdjson',
    body: utf8.encode(`${LINE}\n${LINE}\r\n${LINE}`),
    votes: [VOTE, { ...VOTE, index: 1 }, { ...VOTE, index: 2 }],
  },
  {
    name: 'blank lines do not count',
    call: 'encodeNdjson',
    body: utf8.encode(`\n \t\r\n${LINE}\n\n${LINE}\n\n`),
    votes: [VOTE, { ...VOTE, index: 1 }],
  },
  {
    name: 'some lines rejected, others accepted',
    call: 'encodeNdjson',
    body: utf8.encode(`{\n${LINE}\n${LINE}x\n[]\n${LINE.replace('ana', '\\u0000')}\n${LINE}`),
    votes: [
      { ...VOTE, index: 1 },
      { ...VOTE, index: 5 },
    ],
    rejected: [
      { code: ErrorCode.MALFORMED_JSON, offset: 1 },
      { index: 2, code: ErrorCode.MALFORMED_JSON, offset: 2 + 57 + 56 },
      { index: 3, code: ErrorCode.WRONG_TYPE, offset: 2 + 57 + 58 },
      { index: 4, code: ErrorCode.INVALID_CHARACTER, offset: 2 + 57 + 58 + 3 + 51, field: 'voter' },
    ],
  },
  {
    name: 'one vote over two lines is two rejected votes',
    call: 'encodeNdjson',
    body: utf8.encode(LINE.replace(',', ',\n')),
    votes: [],
    rejected: [
      { code: ErrorCode.MALFORMED_JSON, offset: 26 },
      { index: 1, code: ErrorCode.MALFORMED_JSON, offset: 27 + '"choice"'.length },
    ],
  },
  {
    name: '3: a line over 4 KiB',
    call: 'encodeNdjson',
    body: utf8.encode(`${LINE}\n${LINE}${' '.repeat(4096)}\n${LINE}`),
    votes: [VOTE, { ...VOTE, index: 2 }],
    rejected: [{ index: 1, code: ErrorCode.TOO_LARGE, offset: 57 }],
  },
  {
    name: 'a byte order mark invalidates only the first line',
    call: 'encodeNdjson',
    body: utf8.encode(`\ufeff${LINE}\n${LINE}`),
    votes: [{ ...VOTE, index: 1 }],
    rejected: [{ code: ErrorCode.MALFORMED_JSON, offset: 0 }],
  },
  {
    name: '27: 10,000 votes',
    call: 'encodeNdjson',
    body: utf8.encode(`${LINE}\n`.repeat(10_000)),
    votes: Array.from({ length: 10_000 }, (_, index) => ({ ...VOTE, index })),
  },
  failed('27: 10,001 votes', `${LINE}\n`.repeat(10_001), { code: ErrorCode.TOO_MANY_VOTES, offset: 570_000 }),
  failed('27: 10,001 rejected votes', 'x\n'.repeat(10_001), { code: ErrorCode.TOO_MANY_VOTES, offset: 20_000 }),
  failed('27: no votes', '', { code: ErrorCode.EMPTY_BODY, offset: 0 }),
  failed('27: only blank lines', '\n\r\n \n', { code: ErrorCode.EMPTY_BODY, offset: 0 }),
  failed('3: over 1 MiB', ' '.repeat((1 << 20) + 1), { code: ErrorCode.TOO_LARGE, offset: 0 }),
];
