import { RequestMeter } from './request-meter.ts';

const MAX_HTTP_STATUS = 599;
const MAX_GRPC_CODE = 16;

export interface HttpKind {
  readonly method: string;
  /** The route's pattern, never a path: a label per id would fill the memory. */
  readonly route: string;
}

export interface RpcKind {
  readonly protocol: 'grpc' | 'grpc-web' | 'connect';
  /** Such as `/votewire.v1.VoteService/CastVote`. */
  readonly path: string;
  readonly type: 'unary' | 'client_stream' | 'server_stream' | 'bidi_stream';
}

/** The meters of an edge, one per route and RPC. */
export class RequestMeters {
  readonly #http = new Map<string, { readonly kind: HttpKind; readonly meter: RequestMeter }>();
  readonly #rpc = new Map<string, { readonly kind: RpcKind; readonly meter: RequestMeter }>();

  http(kind: HttpKind): RequestMeter {
    return meterOf(this.#http, `${kind.method} ${kind.route}`, kind, MAX_HTTP_STATUS);
  }

  rpc(kind: RpcKind): RequestMeter {
    return meterOf(this.#rpc, `${kind.protocol} ${kind.path}`, kind, MAX_GRPC_CODE);
  }

  get httpMeters(): readonly { readonly kind: HttpKind; readonly meter: RequestMeter }[] {
    return [...this.#http.values()];
  }

  get rpcMeters(): readonly { readonly kind: RpcKind; readonly meter: RequestMeter }[] {
    return [...this.#rpc.values()];
  }
}

function meterOf<Kind>(
  meters: Map<string, { readonly kind: Kind; readonly meter: RequestMeter }>,
  key: string,
  kind: Kind,
  maxStatus: number,
): RequestMeter {
  const found = meters.get(key);
  if (found !== undefined) return found.meter;
  const meter = new RequestMeter(maxStatus + 1);
  meters.set(key, { kind, meter });
  return meter;
}
