import { Agent, request as httpRequest } from 'node:http';
import { connect } from 'node:http2';
import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { anyUnpack } from '@bufbuild/protobuf/wkt';
import { frame } from '../../edge/grpc/framing/frame.ts';
import { ErrorInfoSchema } from '../../proto/gen/google/rpc/error_details_pb.ts';
import { StatusSchema } from '../../proto/gen/google/rpc/status_pb.ts';
import { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import {
  CastVoteRequestSchema,
  CastVotesRequestSchema,
  CastVotesResponseSchema,
} from '../../proto/gen/votewire/v1/service_pb.ts';
import { type ParityVote, voteJson } from './parity-votes.ts';

/** Outcome of a vote: 'ok', or the name of its ErrorCode in lower case without prefix. */
export type Outcome = string;

/** A client of one transport. */
export interface ParityClient extends Disposable {
  readonly name: string;
  one(vote: ParityVote): Promise<Outcome>;
  many(votes: readonly ParityVote[]): Promise<Outcome[]>;
  /** Sends bytes as a CastVoteRequest; undefined if the transport does not accept protobuf. */
  raw?(bytes: Uint8Array): Promise<Outcome>;
}

const SERVICE = '/votewire.v1.VoteService';
const names = new Map<number, string>(Object.entries(ErrorCode).map(([name, code]) => [code, name.toLowerCase()]));
const oneMessage = (vote: ParityVote) => toBinary(CastVoteRequestSchema, create(CastVoteRequestSchema, { vote }));
const manyMessage = (votes: readonly ParityVote[]) => {
  const message: MessageInitShape<typeof CastVotesRequestSchema> = { votes: [...votes] };
  return toBinary(CastVotesRequestSchema, create(CastVotesRequestSchema, message));
};

function outcomes(count: number, rejected: readonly { index: number; code: string }[]): Outcome[] {
  const all: Outcome[] = Array.from({ length: count }, () => 'ok');
  for (const { index, code } of rejected) all[index] = code;
  return all;
}

function batchOutcomes(count: number, response: Uint8Array): Outcome[] {
  const { rejected } = fromBinary(CastVotesResponseSchema, response);
  return outcomes(
    count,
    rejected.map(({ index, code }) => ({ index, code: names.get(code) ?? `${code}` })),
  );
}

const reasonCode = (reason: string) => reason.replace('ERROR_CODE_', '').toLowerCase();

function poster(port: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const post = (path: string, type: string, body: string | Uint8Array) =>
    new Promise<{ status: number; body: Buffer }>((resolve, reject) => {
      httpRequest(
        { host: '127.0.0.1', port, path, method: 'POST', agent, headers: { 'content-type': type } },
        (res) => {
          const chunks: Buffer[] = [];
          res.on('data', (chunk: Buffer) => chunks.push(chunk));
          res.on('end', () => resolve({ status: res.statusCode ?? 0, body: Buffer.concat(chunks) }));
        },
      )
        .on('error', reject)
        .end(body);
    });
  return { post, [Symbol.dispose]: () => agent.destroy() };
}

/** JSON and NDJSON over HTTP/1.1. */
export function httpClient(port: number): ParityClient {
  const { post, [Symbol.dispose]: dispose } = poster(port);
  return {
    name: 'HTTP',
    async one(vote) {
      const { status, body } = await post('/v1/votes', 'application/json', voteJson(vote));
      return status < 300 ? 'ok' : JSON.parse(body.toString()).code;
    },
    async many(votes) {
      const { body } = await post('/v1/votes', 'application/x-ndjson', votes.map(voteJson).join('\n'));
      return outcomes(votes.length, JSON.parse(body.toString()).rejected);
    },
    [Symbol.dispose]: dispose,
  };
}

/** Plain gRPC over h2c. */
export function grpcClient(port: number): ParityClient {
  const session = connect(`http://127.0.0.1:${port}`);
  const call = (method: string, message: Uint8Array) =>
    new Promise<{ code: string; details: string; message: Buffer }>((resolve, reject) => {
      const headers = {
        ':method': 'POST',
        ':path': `${SERVICE}/${method}`,
        'content-type': 'application/grpc',
        te: 'trailers',
      };
      const stream = session.request(headers);
      const answer = { code: '', details: '', message: Buffer.alloc(0) };
      const note = (fields: Record<string, unknown>) => {
        answer.code = String(fields['grpc-status'] ?? answer.code);
        answer.details = String(fields['grpc-status-details-bin'] ?? answer.details);
      };
      const chunks: Buffer[] = [];
      stream.on('response', note).on('trailers', note).on('error', reject);
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => resolve({ ...answer, message: Buffer.concat(chunks).subarray(5) }));
      stream.end(frame(message));
    });
  const raw = async (bytes: Uint8Array) => {
    const { code, details } = await call('CastVote', bytes);
    if (code === '0') return 'ok';
    const [info] = fromBinary(StatusSchema, Buffer.from(details, 'base64')).details;
    return reasonCode((info && anyUnpack(info, ErrorInfoSchema)?.reason) ?? `status ${code}`);
  };
  return {
    name: 'gRPC',
    raw,
    one: (vote) => raw(oneMessage(vote)),
    many: async (votes) => batchOutcomes(votes.length, (await call('CastVotes', manyMessage(votes))).message),
    [Symbol.dispose]: () => session.destroy(),
  };
}

/** The Connect protocol over HTTP/1.1. */
export function connectClient(port: number): ParityClient {
  const { post, [Symbol.dispose]: dispose } = poster(port);
  const raw = async (bytes: Uint8Array) => {
    const { status, body } = await post(`${SERVICE}/CastVote`, 'application/proto', bytes);
    if (status === 200) return 'ok';
    const error = JSON.parse(body.toString());
    return error.details === undefined ? `${error.code} ${error.message}` : reasonCode(error.details[0].debug.reason);
  };
  return {
    name: 'Connect',
    raw,
    one: (vote) => raw(oneMessage(vote)),
    async many(votes) {
      const { body } = await post(`${SERVICE}/CastVotes`, 'application/proto', manyMessage(votes));
      return batchOutcomes(votes.length, body);
    },
    [Symbol.dispose]: dispose,
  };
}
