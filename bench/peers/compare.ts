/**
 * `node bench/peers/compare.ts [--rounds 5] [--rust <program>] [--go <program>] [--servers node,bun,deno,go,rust]
 * [--only <words of a scenario>]`: CPU seconds per million acknowledged votes of the edge on each runtime, and of a Go
 * and a Rust server that write each vote with one XADD. Load comes from h2load (Debian package nghttp2-client). Every
 * server has one core, and a Redis of its own on the other one; rounds are interleaved and medians printed.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { create, toBinary } from '@bufbuild/protobuf';
import { frame } from '../../edge/grpc/framing/frame.ts';
import {
  CastVoteRequestSchema,
  CastVotesRequestSchema,
  StreamVotesRequestSchema,
} from '../../proto/gen/votewire/v1/service_pb.ts';
import { VoteSchema } from '../../proto/gen/votewire/v1/vote_pb.ts';
import { freePort, startRedisServer } from '../../supervisor/redis/redis-server.ts';
import { type Child, startChild } from '../targets/child.ts';
import { choosePlacement, pin, pinned } from '../targets/placement.ts';
import { runtimeCommand } from '../targets/runtimes.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    servers: { type: 'string', default: 'node,go,rust' },
    only: { type: 'string', default: '' },
    go: { type: 'string', default: '' },
    rust: { type: 'string', default: '' },
  },
});

type ServerName = 'node' | 'bun' | 'deno' | 'go' | 'rust';

interface Scenario {
  readonly name: string;
  readonly servers: readonly ServerName[];
  /** Of h2load: connections, streams of each. */
  readonly load: readonly [connections: number, streams: number];
  readonly protocol: 'h1' | 'h2';
  readonly path: string;
  readonly type: string;
  readonly body: Uint8Array;
  readonly votesPerRequest: number;
}

const EDGES = ['node', 'bun', 'deno'] as const;
const PEERS = ['go', 'rust'] as const;
const vote = { contest: 'cats-vs-dogs', choice: 'cats', voter: 'voter-12345' };
const voters = (count: number) => Array.from({ length: count }, (_, i) => ({ ...vote, voter: `voter-${10_000 + i}` }));
const json = Buffer.from(JSON.stringify(vote));
const ndjson = Buffer.from(
  voters(100)
    .map((each) => JSON.stringify(each))
    .join('\n'),
);
const unary = frame(toBinary(CastVoteRequestSchema, create(CastVoteRequestSchema, { vote })));
const batch = frame(toBinary(CastVotesRequestSchema, create(CastVotesRequestSchema, { votes: voters(100) })));
const STREAMED = 10_000;
const streamed = Buffer.concat(
  voters(STREAMED).map((each) =>
    frame(toBinary(StreamVotesRequestSchema, create(StreamVotesRequestSchema, { votes: [each] }))),
  ),
);
const grpc = { protocol: 'h2', type: 'application/grpc' } as const;
const service = '/votewire.v1.VoteService';
const votes = { path: '/v1/votes', type: 'application/json', body: json, votesPerRequest: 1 } as const;

const SCENARIOS: readonly Scenario[] = [
  {
    name: 'gRPC unary 4 x 32',
    servers: [...EDGES, ...PEERS],
    load: [4, 32],
    ...grpc,
    path: `${service}/CastVote`,
    body: unary,
    votesPerRequest: 1,
  },
  {
    name: 'gRPC unary 64 x 1',
    servers: [...EDGES, ...PEERS],
    load: [64, 1],
    ...grpc,
    path: `${service}/CastVote`,
    body: unary,
    votesPerRequest: 1,
  },
  {
    name: 'gRPC StreamVotes, one vote a message',
    servers: EDGES,
    load: [4, 1],
    ...grpc,
    path: `${service}/StreamVotes`,
    body: streamed,
    votesPerRequest: STREAMED,
  },
  {
    name: 'gRPC CastVotes, batches of 100',
    servers: EDGES,
    load: [4, 8],
    ...grpc,
    path: `${service}/CastVotes`,
    body: batch,
    votesPerRequest: 100,
  },
  {
    name: 'HTTP/1.1 NDJSON, batches of 100',
    servers: EDGES,
    load: [32, 1],
    protocol: 'h1',
    path: '/v1/votes',
    type: 'application/x-ndjson',
    body: ndjson,
    votesPerRequest: 100,
  },
  { name: 'HTTP/2 POST /v1/votes 4 x 32', servers: EDGES, load: [4, 32], protocol: 'h2', ...votes },
  {
    name: 'HTTP/1.1 POST /v1/votes, 64 connections',
    servers: [...EDGES, ...PEERS],
    load: [64, 1],
    protocol: 'h1',
    ...votes,
  },
];

interface Server extends AsyncDisposable {
  readonly pid: number;
  readonly httpUrl: string;
  readonly grpcUrl: string;
  /** Votes acknowledged so far; undefined: not known. */
  acknowledged(): Promise<number | undefined>;
}

const placement = choosePlacement();

async function startServer(name: ServerName): Promise<Server> {
  await using started = new AsyncDisposableStack();
  const dir = mkdtempSync(join(tmpdir(), 'votewire-compare-'));
  started.defer(() => rmSync(dir, { recursive: true, force: true }));
  const redis = started.use(await startRedisServer({ dir }));
  pin(placement.redis, redis.process.pid ?? 0);
  const child =
    name === 'go' || name === 'rust' ? await startPeer(name, redis.port) : await startEdge(name, redis.url, dir);
  started.use(child.process);
  const owned = started.move();
  return {
    pid: child.process.pid,
    ...child.urls,
    acknowledged: async () => {
      if (name === 'go' || name === 'rust') return undefined;
      const metrics = await (await fetch(`${child.urls.httpUrl}/metrics`)).text();
      const counts = [...metrics.matchAll(/^votewire_votes_accepted_total\S* (\d+)/gm)];
      return counts.reduce((sum, [, count]) => sum + Number(count), 0);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

interface Started {
  readonly process: Child;
  readonly urls: { readonly httpUrl: string; readonly grpcUrl: string };
}

async function startEdge(runtime: 'node' | 'bun' | 'deno', redisUrl: string, dir: string): Promise<Started> {
  const port = await freePort();
  const command = runtimeCommand(runtime, `edge/runtime/${runtime}.ts`);
  if (command === undefined) throw new Error(`${runtime} is not installed`);
  const env = { REDIS_URL: redisUrl, DATA_DIR: dir, PORT: `${port}`, HOST: '127.0.0.1', MAX_BACKLOG: '100000000' };
  const process = await startChild({ command, env, core: placement.server });
  const url = `http://127.0.0.1:${port}`;
  await untilAnswers(`${url}/readyz`, process);
  return { process, urls: { httpUrl: url, grpcUrl: url } };
}

async function startPeer(name: 'go' | 'rust', redisPort: number): Promise<Started> {
  const program = values[name];
  if (program === '') throw new Error(`--${name} must name the program of the ${name} peer`);
  const [http, rpc] = name === 'go' ? [await freePort(), await freePort()] : [7004, 7003];
  const env = {
    REDIS: `127.0.0.1:${redisPort}`,
    REDIS_ADDR: `127.0.0.1:${redisPort}`,
    HTTP_ADDR: `127.0.0.1:${http}`,
    GRPC_ADDR: `127.0.0.1:${rpc}`,
    GOMAXPROCS: '1',
  };
  const process = await startChild({ command: [program], env, core: placement.server });
  await untilAnswers(`http://127.0.0.1:${http}/v1/votes`, process);
  return { process, urls: { httpUrl: `http://127.0.0.1:${http}`, grpcUrl: `http://127.0.0.1:${rpc}` } };
}

async function untilAnswers(url: string, child: Child): Promise<void> {
  for (const end = performance.now() + 60_000; ; ) {
    const status = await fetch(url).then(
      (answer) => answer.status,
      () => 0,
    );
    if (status === 200 || status === 405) return;
    if (performance.now() > end || child.process.exitCode !== null) throw new Error(`${url}: ${child.output()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** CPU seconds of a process and its threads. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

const bodyFile = join(mkdtempSync(join(tmpdir(), 'votewire-compare-')), 'body');

interface Measured {
  readonly cpuPerMillion: number;
  readonly votesPerSecond: number;
}

/** The Rust peer has a service of its own, with flat votes. */
function targetOf(scenario: Scenario, name: ServerName): Pick<Scenario, 'path' | 'body'> {
  if (name !== 'rust' || scenario.type !== grpc.type) return scenario;
  return { path: '/peer.v1.Votes/Submit', body: frame(toBinary(VoteSchema, create(VoteSchema, vote))) };
}

async function measure(scenario: Scenario, name: ServerName, server: Server): Promise<Measured> {
  const { path, body } = targetOf(scenario, name);
  const [connections, streams] = scenario.load;
  writeFileSync(bodyFile, body);
  const url = `${scenario.type === grpc.type ? server.grpcUrl : server.httpUrl}${path}`;
  const run = (seconds: number) => {
    const args = [
      `-c${connections}`,
      `-m${streams}`,
      '-t1',
      `-D${seconds}`,
      '-d',
      bodyFile,
      '-H',
      `content-type: ${scenario.type}`,
      '-H',
      'te: trailers',
    ];
    if (scenario.protocol === 'h1') args.splice(-2, 2, '--h1');
    const [program, ...rest] = pinned(placement.driver, ['h2load', ...args, url]);
    const { stdout } = spawnSync(program, rest, { encoding: 'utf8' });
    const [, succeeded = '0', failed = '0'] = /(\d+) succeeded, (\d+) failed/.exec(stdout) ?? [];
    const ok = Number(/status codes: (\d+) 2xx/.exec(stdout)?.[1] ?? 0);
    // What h2load had sent when the time was over may count as failed.
    if (ok < Number(succeeded) || ok === 0) throw new Error(`${scenario.name}, ${name}: ${failed} failed: ${stdout}`);
    return ok;
  };
  run(2);
  const before = { cpu: cpuSeconds(server.pid), votes: await server.acknowledged() };
  const startedAt = performance.now();
  const requests = run(Number(values.seconds));
  const seconds = (performance.now() - startedAt) / 1000;
  const cpu = cpuSeconds(server.pid) - before.cpu;
  const sent = requests * scenario.votesPerRequest;
  const after = await server.acknowledged();
  const acknowledged = after === undefined || before.votes === undefined ? sent : after - before.votes;
  if (acknowledged < 0.99 * sent) throw new Error(`${scenario.name}, ${name}: ${sent} sent, ${acknowledged} accepted`);
  return { cpuPerMillion: (cpu / acknowledged) * 1e6, votesPerSecond: acknowledged / seconds };
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

const names = values.servers.split(',') as ServerName[];
console.log(
  `${availableParallelism()} cores; CPU seconds per million acknowledged votes, medians of ${values.rounds} rounds`,
);
for (const scenario of SCENARIOS.filter(({ name }) => name.includes(values.only))) {
  const results = new Map<ServerName, Measured[]>();
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const name of names.filter((each) => scenario.servers.includes(each))) {
      await using server = await startServer(name);
      results.set(name, [...(results.get(name) ?? []), await measure(scenario, name, server)]);
    }
  }
  for (const [name, rounds] of results) {
    const cpu = rounds.map(({ cpuPerMillion }) => cpuPerMillion);
    const spread = `${Math.min(...cpu).toFixed(2)} to ${Math.max(...cpu).toFixed(2)}`;
    const rate = Math.round(median(rounds.map(({ votesPerSecond }) => votesPerSecond)));
    console.log(
      `${scenario.name.padEnd(40)} ${name.padEnd(5)} ${median(cpu).toFixed(2).padStart(6)} (${spread}), ${rate} votes/s`,
    );
  }
}
