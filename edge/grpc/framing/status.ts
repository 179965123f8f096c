import { create, toBinary } from '@bufbuild/protobuf';
import type { Any } from '@bufbuild/protobuf/wkt';
import type { Code } from '@connectrpc/connect';
import { StatusSchema } from '../../../proto/gen/google/rpc/status_pb.ts';

/** The status of a failed call. */
export interface GrpcStatus {
  readonly code: Code;
  /** For people: names the field, the value, the limit and the remedy. */
  readonly message: string;
  /** For programs; sent as `grpc-status-details-bin`. */
  readonly details?: readonly Any[];
}

/** The trailers of a status. */
export function statusTrailers(status: GrpcStatus): Record<string, string> {
  const trailers: Record<string, string> = {
    'grpc-status': `${status.code}`,
    'grpc-message': encodeMessage(status.message),
  };
  if (status.details !== undefined && status.details.length > 0) {
    const message = create(StatusSchema, { code: status.code, message: status.message, details: [...status.details] });
    // The protocol asks senders to omit padding.
    trailers['grpc-status-details-bin'] = Buffer.from(toBinary(StatusSchema, message))
      .toString('base64')
      .replace(/=+$/, '');
  }
  return trailers;
}

/** Percent-encodes the percent sign and everything except printable ASCII. */
function encodeMessage(message: string): string {
  if (/^[ -$&-~]*$/.test(message)) return message;
  let encoded = '';
  for (const byte of Buffer.from(message)) {
    encoded +=
      byte >= 0x20 && byte <= 0x7e && byte !== 0x25
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}
