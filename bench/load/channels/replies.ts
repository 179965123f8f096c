import { accepted, type Reply, refused, unsure } from './channel.ts';

/**
 * gRPC codes that leave open whether the vote was stored: CANCELLED, UNKNOWN, DEADLINE_EXCEEDED, INTERNAL, UNAVAILABLE.
 */
const OPEN_GRPC_CODES = new Set([1, 2, 4, 13, 14]);

const ONE = accepted(1);

/** Decodes the reply to `votes` votes over HTTP. A 2xx counts only with a receipt or a full account of the batch. */
export function readHttpReply(status: number, body: Buffer, votes: number, batch: boolean): Reply {
  if (status >= 500) return unsure(votes, `HTTP ${status}`);
  if (status < 200 || status >= 300) return refused(votes, `HTTP ${status} ${problemCode(body)}`);
  const reply = parseJson(body);
  if (!batch) {
    return typeof reply?.receipt === 'string' && reply.receipt !== ''
      ? ONE
      : unsure(votes, `HTTP ${status}, no receipt`);
  }
  const rejected = Array.isArray(reply?.rejected) ? reply.rejected.length : 0;
  return account(Number(reply?.accepted), rejected, votes);
}

/** Decodes a Connect unary reply: protobuf on 200, a JSON error otherwise. */
export function readConnectReply(status: number, body: Buffer, votes: number, batch: boolean): Reply {
  if (status === 200) return readMessage(body, votes, batch);
  const reason = `HTTP ${status} ${String(parseJson(body)?.code ?? '')}`;
  return status >= 500 ? unsure(votes, reason) : refused(votes, reason);
}

/** Decodes a gRPC unary reply: `body` is all DATA of the stream, `grpcStatus` its trailer, if any. */
export function readGrpcReply(grpcStatus: string | undefined, body: Buffer, votes: number, batch: boolean): Reply {
  if (grpcStatus !== '0') {
    if (grpcStatus === undefined) return unsure(votes, 'no grpc-status');
    const code = Number(grpcStatus);
    return OPEN_GRPC_CODES.has(code) ? unsure(votes, `gRPC ${code}`) : refused(votes, `gRPC ${code}`);
  }
  if (body.length < 5 || body[0] !== 0 || body.readUInt32BE(1) !== body.length - 5) {
    return unsure(votes, 'gRPC 0 without one whole message');
  }
  return readMessage(body.subarray(5), votes, batch);
}

/** CastVoteResponse { string receipt = 1 } or CastVotesResponse { uint32 accepted = 1; repeated rejected = 2 }. */
function readMessage(message: Buffer, votes: number, batch: boolean): Reply {
  if (!batch) return message[0] === 0x0a && (message[1] ?? 0) > 0 ? ONE : unsure(votes, 'no receipt in the message');
  const { value, repeated } = readCounted(message);
  return account(value, repeated, votes);
}

/** Field 1 as a varint and how often field 2 occurs: the shape of both CastVotesResponse and StreamVotesResponse. */
export function readCounted(message: Buffer): { value: number; repeated: number } {
  let value = 0;
  let repeated = 0;
  for (let at = 0; at < message.length; ) {
    const tag = message[at++];
    let number = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = message[at++] ?? 0;
      number += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
    }
    if (tag === 0x08) value = number;
    else if (tag === 0x12) {
      repeated++;
      at += number;
    } else return { value: Number.NaN, repeated };
  }
  return { value, repeated };
}

function account(acknowledged: number, failed: number, votes: number): Reply {
  if (acknowledged === votes) return accepted(votes);
  if (acknowledged + failed !== votes)
    return unsure(votes, `accounts for ${acknowledged} + ${failed} of ${votes} votes`);
  return { acknowledged, failed, unknown: 0, reason: 'votes of a batch rejected' };
}

function problemCode(body: Buffer): string {
  return String(parseJson(body)?.code ?? '');
}

function parseJson(body: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    // A body that is not JSON has no receipt, which the callers report.
    return undefined;
  }
}
