import { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import type { VoteCodec } from '../../wasm/codec.ts';
import type { Ingress, Problem } from '../ingress.ts';

/** What every RPC that takes votes in works with. */
export interface VotePath {
  readonly ingress: Ingress;
  readonly codec: VoteCodec;
}

/** A message whose envelope can't be read, so that no codec gets to see a vote. */
export const MALFORMED_MESSAGE: Problem = {
  code: ErrorCode.MALFORMED_PROTOBUF,
  detail: 'The message is not protobuf: it is truncated, or a field has the wrong wire type',
};
