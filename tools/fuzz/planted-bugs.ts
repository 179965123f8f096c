import { FrameReader } from '../../edge/grpc/framing/frame-reader.ts';
import { sniffProtocol } from '../../edge/listen/sniff.ts';
import { RECEIPT_CHARACTERS } from '../../edge/receipts/receipt.ts';
import { readCursor } from '../../store/log/reads/log-cursor.ts';
import type { EncodedVotes } from '../../wasm/codec.ts';
import { CodecOracle } from '../../wasm/testing/codec-oracle.ts';
import { TsCodec } from '../../wasm/ts-codec.ts';
import type { FuzzTarget } from './fuzz-target.ts';
import { codecTargets } from './targets/codec-targets.ts';
import { cookieTarget } from './targets/cookie-target.ts';
import { cursorTarget } from './targets/cursor-target.ts';
import { frameTarget } from './targets/frame-target.ts';
import { receiptTarget } from './targets/receipt-target.ts';
import { sessionTarget } from './targets/session-target.ts';
import { sniffTarget } from './targets/sniff-target.ts';
import { tokenTarget } from './targets/token-target.ts';

const LOG_COOKIE_CHARACTERS = 57;

class LosesMessages extends FrameReader {
  override push(chunk: Buffer): void {
    const end = chunk.length < 5 ? chunk.length : 5 + chunk.readUInt32BE(1);
    super.push(chunk.subarray(0, end));
  }
}

/** Bugs in the code that the targets check. The fuzzer must find all of them. */
export const PLANTED_BUGS: Readonly<Record<string, FuzzTarget>> = {
  'json: a vote goes to the wrong partition': spoiled('json', (votes) => ({
    ...votes,
    partition: votes.partition.map((partition) => partition ^ 1),
  })),
  'protobuf: an offset is too large by one': spoiled('protobuf', (votes) =>
    votes.failure === undefined ? votes : { ...votes, failure: { ...votes.failure, offset: votes.failure.offset + 1 } },
  ),
  'protobuf: a byte of a long vote is changed': spoiled('protobuf', (votes) => {
    if ((votes.ends[0] ?? 0) < 200) return votes;
    const bytes = votes.bytes.slice();
    bytes[199] = (bytes[199] ?? 0) ^ 1;
    return { ...votes, bytes };
  }),
  'batch: a rejected line has the wrong reason': spoiled('batch', (votes) => ({
    ...votes,
    rejected: votes.rejected.map((rejection) => ({ ...rejection, offset: rejection.offset + 1 })),
  })),
  'frames: the second message of a chunk is lost': frameTarget(LosesMessages),
  'sniffing: bytes after the preface are lost': sniffTarget((socket, silentMs, found) =>
    sniffProtocol(socket, silentMs, (protocol, head) => found(protocol, head.subarray(0, 24))),
  ),
  'receipts: text after a receipt is ignored': receiptTarget((receipts) => ({
    read: (text) => receipts.read(text.slice(0, RECEIPT_CHARACTERS)),
  })),
  'cursors: an error of JSON.parse is not caught': cursorTarget((kind, cursor, isKey) => {
    JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return readCursor(kind, cursor, isKey);
  }),
  'cookies: an expired cookie is valid': cookieTarget((cookie) => ({
    read(c) {
      const identity = cookie.read(c);
      return identity.status === 'expired' ? { status: 'valid', voter: 'web-expired', isCurrent: false } : identity;
    },
  })),
  'sessions: text after a log cookie is ignored': sessionTarget((sessions) => ({
    find: (value) => sessions.find(value.slice(0, LOG_COOKIE_CHARACTERS)),
  })),
  'tokens: a reader may change contests': tokenTarget((verify) => (request) => verify(request, 'reader')),
};

function spoiled(target: 'json' | 'protobuf' | 'batch', spoil: (votes: EncodedVotes) => EncodedVotes): FuzzTarget {
  const codec = new TsCodec();
  for (const call of ['encodeJson', 'encodeVote', 'encodeNdjson', 'encodeCastVote', 'encodeVotes'] as const) {
    const encode = codec[call].bind(codec);
    codec[call] = (body: Uint8Array) => spoil(encode(body));
  }
  return codecTargets(new CodecOracle(undefined, codec))[target];
}
