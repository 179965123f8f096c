import type { VoteCodec } from '../../../wasm/codec.ts';
import type { Admission } from '../../admission/admission.ts';
import type { RequestView } from '../../admission/views/request-view.ts';
import type { Ingress } from '../../vote/ingress.ts';
import type { Transport } from '../../vote/transport.ts';

/** Dependencies of every RPC that accepts votes. */
export interface VoteServiceDeps {
  readonly ingress: Ingress;
  readonly codec: VoteCodec;
  readonly admission: Admission;
}

/** The caller of an RPC, and the transport. */
export interface VoteCaller {
  readonly request: RequestView;
  readonly transport: Transport;
}
