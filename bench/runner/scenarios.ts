import type { Shape } from '../load/job.ts';
import { modeOf, type Runtime, type Variant } from './variant.ts';

/** What each scenario asks. */
export const QUESTIONS: Readonly<Record<string, string>> = {
  transport: 'Transport and codec told apart: every transport with either codec, single votes',
  multiplex: 'Many requests on few connections, as gRPC clients and proxies send them',
  batch: 'Batches of 10, 100 and 1,000 votes',
  stream: 'One long StreamVotes call per connection, beside batches over HTTP',
  connections: 'Few connections instead of 64',
  payload: 'Records {name, album, year, rank} of the bands contest instead of bare votes',
  workload: 'One vote per voter, and voters who change their mind',
  runtime: 'The same edge on Bun and Deno',
  latency: 'Latency at fixed arrival rates, from the intended send time',
  overload: 'Twice as many votes as the edge can take',
  freshness: 'From send to counted, and to a viewer’s page',
  codec: 'Each codec alone: CPU time of one vote',
  ladder: 'Where the time goes: bare runtime, + framework, + codec, + Redis',
};

type Settings = Partial<Omit<Variant, 'id'>> & Pick<Variant, 'scenario' | 'transport'>;

const SINGLE: Shape = { kind: 'single' };

/** Fills in the ordinary case: the product's own codec for the path, Node, 64 connections with one vote each. */
export function variant(settings: Settings): Variant {
  const overHttp = settings.transport === 'http1' || settings.transport === 'http2';
  const full = {
    codec: overHttp ? 'wasm' : 'typescript',
    runtime: 'node',
    rung: 'edge',
    shape: SINGLE,
    payload: 'small',
    contest: 'bandas',
    connections: 64,
    streams: 1,
    load: { kind: 'closed' },
    ...settings,
  } as const;
  return { ...full, id: variantId(full) };
}

function variantId(v: Omit<Variant, 'id'>): string {
  const load =
    v.load.kind === 'open' ? `-${v.load.requestsPerSecond}ps` : v.load.kind === 'closed' ? '' : `-${v.load.kind}`;
  const rung = v.rung === 'edge' ? '' : `-${v.rung}`;
  const contest = v.contest === 'bandas' ? '' : `-${v.contest}`;
  const payload = v.payload === 'small' ? '' : '-attributes';
  return `${v.runtime}-${v.transport}-${v.codec}-${modeOf(v.shape)}${payload}${contest}-${v.connections}x${v.streams}${load}${rung}`;
}

const PATHS = [{ transport: 'http1' }, { transport: 'grpc' }] as const;
const BATCH_CONNECTIONS = 8;
const RATES = [1000, 10_000];
/** Requests a second of the batches that arrive at a fixed rate. */
const BATCH_RATE = 100;

/** Everything that `npm run bench` measures, in the order of the report. */
export function allVariants(): Variant[] {
  return [
    ...(['http1', 'http2', 'grpc', 'connect'] as const).flatMap((transport) =>
      (['wasm', 'typescript'] as const).map((codec) => variant({ scenario: 'transport', transport, codec })),
    ),
    ...(['http2', 'grpc'] as const).map((transport) =>
      variant({ scenario: 'multiplex', transport, connections: 4, streams: 32 }),
    ),
    // As many votes in flight where a connection carries one request at a time.
    variant({ scenario: 'multiplex', transport: 'http1', connections: 128 }),
    ...[10, 100, 1000].flatMap((size) => PATHS.map((path) => batch('batch', path, size))),
    batch('batch', { transport: 'http1', codec: 'typescript' }, 100),
    batch('batch', { transport: 'grpc', codec: 'wasm' }, 100),
    ...[1, 100].map((size) => stream(size)),
    batch('stream', { transport: 'http1', connections: 64 }, 100),
    ...[1, 8].flatMap((connections) => PATHS.map((path) => variant({ scenario: 'connections', ...path, connections }))),
    ...PATHS.map((path) => variant({ scenario: 'payload', ...path, payload: 'attributes' })),
    ...PATHS.map((path) => variant({ scenario: 'workload', ...path, contest: 'cats-vs-dogs' })),
    ...PATHS.map((path) => batch('workload', { ...path, contest: 'cats-vs-dogs' }, 100)),
    ...(['bun', 'deno'] satisfies Runtime[]).flatMap((runtime) => [
      ...PATHS.map((path) => variant({ scenario: 'runtime', ...path, runtime })),
      ...PATHS.map((path) => batch('runtime', { ...path, runtime }, 100)),
    ]),
    ...RATES.flatMap((requestsPerSecond) =>
      PATHS.map((path) => variant({ scenario: 'latency', ...path, load: { kind: 'open', requestsPerSecond } })),
    ),
    ...PATHS.map((path) => batch('latency', { ...path, load: { kind: 'open', requestsPerSecond: BATCH_RATE } }, 100)),
    ...PATHS.map((path) => overload(path.transport)),
    ...nodeBreakdown(),
  ];
}

/** The rungs below the edge on Node; the edge's own row is the topmost. */
export function nodeBreakdown(): Variant[] {
  const rung = (transport: 'http1' | 'grpc', name: 'bare' | 'framework' | 'codec') =>
    variant({
      scenario: 'ladder',
      transport,
      rung: name,
      codec: name !== 'codec' ? 'none' : transport === 'http1' ? 'wasm' : 'typescript',
    });
  return [
    rung('http1', 'bare'),
    rung('http1', 'framework'),
    rung('http1', 'codec'),
    rung('grpc', 'bare'),
    rung('grpc', 'codec'),
  ];
}

/** What fits into a minute: both paths at single votes, a batch and a fixed rate. */
export function quickVariants(): Variant[] {
  return PATHS.flatMap((path) => [
    variant({ scenario: 'transport', ...path }),
    batch('batch', path, 100),
    variant({ scenario: 'latency', ...path, load: { kind: 'open', requestsPerSecond: 1000 } }),
  ]);
}

/** As many votes in flight with either size of message as keep the edge busy. */
function stream(size: number): Variant {
  const shape = { kind: 'stream', size } as const;
  return variant({ scenario: 'stream', transport: 'grpc', shape, connections: 4, streams: size === 1 ? 256 : 16 });
}

/** 512 requests may be in flight, so that more arrive than the edge can take. */
function overload(transport: 'http1' | 'grpc'): Variant {
  const of = variant({ scenario: 'transport', transport }).id;
  const slots = transport === 'http1' ? { connections: 512, streams: 1 } : { connections: 8, streams: 64 };
  return variant({ scenario: 'overload', transport, ...slots, load: { kind: 'overload', of, factor: 2 } });
}

function batch(scenario: string, settings: Omit<Settings, 'scenario'>, size: number): Variant {
  return variant({ connections: BATCH_CONNECTIONS, ...settings, scenario, shape: { kind: 'batch', size } });
}
