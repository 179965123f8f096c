import type { Load, Shape, Transport, Workload } from '../load/job.ts';

export type Runtime = 'node' | 'bun' | 'deno';

/**
 * How far a server of the ladder goes; `edge` is the product, with Redis. Beside the ladder stand gRPC's usual
 * frameworks, without Redis, and the Go `peer`, with it.
 */
export type Layer = 'bare' | 'framework' | 'codec' | 'edge' | 'connect' | 'grpc-js' | 'peer';

/** One thing that is measured: what serves, and how it is driven. Two variants of one scenario differ in one thing. */
export interface Variant {
  /** Unique and stable from run to run: reports are compared by it. */
  readonly id: string;
  /** The question that this variant helps to answer; see `scenarios.ts`. */
  readonly scenario: string;
  readonly transport: Transport;
  /** `none` on rungs below the codec; `go` for the peer's own. */
  readonly codec: 'wasm' | 'typescript' | 'none' | 'go';
  readonly runtime: Runtime | 'go';
  readonly rung: Layer;
  readonly shape: Shape;
  readonly payload: Workload['payload'];
  readonly contest: 'bandas' | 'cats-vs-dogs';
  readonly connections: number;
  /** In flight on each connection. */
  readonly streams: number;
  readonly load: VariantLoad;
}

export type VariantLoad =
  | Load
  /** An open loop at a share of what the variant named here reached at saturation in the same round. */
  | { readonly kind: 'overload'; readonly of: string; readonly factor: number }
  /** An open loop at just that rate: what a lower rung costs when it does the same work in the same time. */
  | { readonly kind: 'paced'; readonly of: string };

/** `single`, `batch-100`, `stream-1`: what DESIGN calls the mode of a row. */
export function modeOf(shape: Shape): string {
  return shape.kind === 'single' ? 'single' : `${shape.kind}-${shape.size}`;
}
