import { variant } from '../runner/scenarios.ts';
import type { Runtime, Variant } from '../runner/variant.ts';

export const RUNTIMES = ['node', 'bun', 'deno'] as const satisfies readonly Runtime[];

/** The shapes that the bars for speed are set for. */
const SINGLE_HTTP = { transport: 'http1', connections: 64 } as const;
const SINGLE_GRPC = { transport: 'grpc', connections: 4, streams: 32 } as const;

/** Everything that `npm run bench:floor` drives; `withPeer`: Go is here. */
export function baselineVariants(withPeer: boolean): Variant[] {
  const floor = (settings: Omit<Parameters<typeof variant>[0], 'scenario'>) =>
    variant({ ...settings, scenario: 'floor' });
  const rungs = (runtime: Runtime) => [
    { ...SINGLE_HTTP, runtime, rung: 'bare', codec: 'none' } as const,
    { ...SINGLE_HTTP, runtime, rung: 'framework', codec: 'none' } as const,
    { ...SINGLE_HTTP, runtime, rung: 'codec', codec: 'wasm' } as const,
  ];
  // A bare server on Bun or Deno answers more than the generator can send: saturation is measured on Node alone.
  const http = [...rungs('node').map(floor), ...RUNTIMES.map((runtime) => floor({ ...SINGLE_HTTP, runtime }))];
  // The edge waits for Redis and is never quite busy; a server that is costs less a request, whatever it runs. So the
  // rungs are also measured at the rate that the edge reached.
  const paced = [
    ...RUNTIMES.flatMap(rungs),
    { ...SINGLE_GRPC, runtime: 'node', rung: 'bare', codec: 'none' } as const,
  ].map(({ rung, codec, ...shape }) => floor({ ...shape, rung, codec, load: { kind: 'paced', of: floor(shape).id } }));
  const grpc = RUNTIMES.flatMap((runtime) => [
    floor({ ...SINGLE_GRPC, runtime, rung: 'bare', codec: 'none' }),
    floor({ ...SINGLE_GRPC, runtime, rung: 'codec' }),
    floor({ ...SINGLE_GRPC, runtime }),
  ]);
  const beside = [
    floor({ ...SINGLE_GRPC, rung: 'connect', codec: 'none' }),
    floor({ ...SINGLE_GRPC, rung: 'grpc-js', codec: 'none' }),
  ];
  const together = [
    floor({ transport: 'http1', connections: 8, shape: { kind: 'batch', size: 500 } }),
    floor({ transport: 'grpc', connections: 4, streams: 256, shape: { kind: 'stream', size: 1 } }),
    floor({ transport: 'grpc', connections: 4, streams: 16, shape: { kind: 'stream', size: 100 } }),
  ];
  const peer = withPeer
    ? [
        floor({ ...SINGLE_HTTP, runtime: 'go', rung: 'peer', codec: 'go' }),
        floor({ ...SINGLE_GRPC, runtime: 'go', rung: 'peer', codec: 'go' }),
      ]
    : [];
  return [...http, ...grpc, ...paced, ...beside, ...together, ...peer];
}
