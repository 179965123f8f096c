import { create, toBinary } from '@bufbuild/protobuf';
import { VoteSchema } from '../../proto/gen/votewire/v1/vote_pb.ts';
import type { DriverJob, Shape, Transport, Workload } from './job.ts';

/** The bodies of all requests, created before the run so that creating votes takes no time during the measurement. */
export interface RequestPool {
  readonly bodies: readonly Buffer[];
  /** Votes in each body. */
  readonly votesPerRequest: number;
  readonly batch: boolean;
  /** Content type of the bodies over plain HTTP. */
  readonly contentType: string;
}

const CONTENT_TYPES = {
  json: { single: 'application/json', batch: 'application/x-ndjson' },
  protobuf: { single: 'application/protobuf; proto=votewire.v1.Vote', batch: 'application/protobuf' },
} as const;

/** Votes in a pool of single votes, which repeat afterwards. */
const SINGLES = 16_384;
const BATCHED_VOTES = 65_536;

type PoolJob = Pick<DriverJob, 'transport' | 'encoding' | 'shape' | 'workload' | 'requests'>;

/** Creates the bodies of a job. */
export function makePool({ transport, encoding, shape, workload, requests }: PoolJob): RequestPool {
  const json = encoding === 'json';
  const size = shape.kind === 'single' ? 1 : shape.size;
  const count = requests ?? (shape.kind === 'single' ? SINGLES : Math.max(4, Math.ceil(BATCHED_VOTES / size)));
  const random = mulberry32(workload.seed);
  const bodies: Buffer[] = [];
  for (let request = 0; request < count; request++) {
    const votes = Array.from({ length: size }, (_, i) => makeVote(workload, request * size + i, count * size, random));
    bodies.push(json ? jsonBody(votes, shape) : protobufBody(votes, shape, transport));
  }
  const batch = shape.kind === 'batch';
  const contentType = CONTENT_TYPES[encoding][batch ? 'batch' : 'single'];
  return { bodies, votesPerRequest: size, batch, contentType };
}

interface PlainVote {
  contest: string;
  choice: string;
  voter: string;
}

/**
 * Vote number `i` of `total`. In a one-per-voter contest every voter appears twice in a pool, usually with a different
 * choice the second time. In an open one each vote has a different voter.
 */
function makeVote(workload: Workload, i: number, total: number, random: () => number): PlainVote {
  const changed = workload.rule === 'one-per-voter' && i >= total / 2;
  const number = changed ? i - Math.floor(total / 2) : i;
  const options = workload.options;
  const first = Math.floor(random() * options.length);
  // Random for both rounds, so that about (n - 1) / n of the second round differs from the first.
  const choice = options[first] ?? '';
  const voter = `${workload.seed.toString(16).padStart(8, '0')}-${number.toString(16).padStart(19, '0')}`;
  return { contest: workload.contest, choice, voter };
}

function jsonBody(votes: readonly PlainVote[], shape: Shape): Buffer {
  const lines = votes.map((vote) => JSON.stringify(vote));
  return Buffer.from(shape.kind === 'single' ? (lines[0] ?? '') : `${lines.join('\n')}\n`);
}

function protobufBody(votes: readonly PlainVote[], shape: Shape, transport: Transport): Buffer {
  const framed = votes.map((vote) => {
    const bytes = toBinary(VoteSchema, create(VoteSchema, vote));
    // Over plain HTTP a single vote is a bare Vote message.
    if (shape.kind === 'single' && transport.startsWith('http')) return bytes;
    // CastVoteRequest.vote, CastVotesRequest.votes and StreamVotesRequest.votes are all field 1.
    return Buffer.concat([Buffer.from([0x0a]), varint(bytes.length), bytes]);
  });
  const message = Buffer.concat(framed);
  if (transport !== 'grpc' && shape.kind !== 'stream') return message;
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

function varint(value: number): Buffer {
  return value < 128 ? Buffer.from([value]) : Buffer.from([(value & 0x7f) | 0x80, value >>> 7]);
}

/** A small generator of reproducible numbers from 0 to 1 (mulberry32). */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
