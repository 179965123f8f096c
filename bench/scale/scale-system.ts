import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openRedis, type Redis } from '../../store/redis/redis.ts';
import { freePort, type RedisServer, startRedisServer } from '../../supervisor/redis/redis-server.ts';
import type { WatchedProcess } from '../load/job.ts';
import { awaitFirstVote } from '../targets/first-vote.ts';
import { adopt, startChild } from '../targets/process/child.ts';
import type { Placement } from '../targets/process/placement.ts';
import { ROOT, runtimeCommand } from '../targets/process/runtimes.ts';

/** The whole system with tally and log as separate processes, on one Redis or a cluster. */
export interface ScaleSystem extends AsyncDisposable {
  readonly url: string;
  readonly redis: Redis;
  /** A connection to each master. */
  readonly nodes: readonly Redis[];
  /** `edge`, `redis` (several of that name in a cluster), `tally` and `log`. */
  readonly watch: readonly WatchedProcess[];
}

export interface ScaleOptions {
  readonly partitions: number;
  readonly masters: number;
  readonly placement: Placement;
}

const START_MS = 20_000;
const SLOTS = 16_384;

/** @throws {Error} if a process does not start, with its last output */
export async function startScaleSystem({ partitions, masters, placement }: ScaleOptions): Promise<ScaleSystem> {
  await using started = new AsyncDisposableStack();
  const dir = await mkdtemp(join(tmpdir(), 'votewire-scale-'));
  started.defer(() => rm(dir, { recursive: true, force: true }));
  const servers: RedisServer[] = [];
  for (let n = 0; n < masters; n++) {
    const args = masters > 1 ? ['--cluster-enabled', 'yes'] : [];
    const server = started.use(await startRedisServer({ dir: join(dir, `redis-${n}`), args }));
    adopt(server.process);
    servers.push(server);
  }
  const nodes = servers.map((server, n) => started.use(openRedis({ urls: [server.url], name: `bench-node-${n}` })));
  await Promise.all(nodes.map((node) => node.whenReady()));
  if (masters > 1) await joinCluster(nodes, servers[0]?.port ?? 0);
  const urls = servers.map(({ url }) => url);
  const redis = started.use(openRedis({ urls, name: 'bench-scale' }));
  await redis.whenReady();
  const port = await freePort();
  const env = {
    REDIS_URL: urls.join(','),
    DATA_DIR: dir,
    MONGODB_URL: '',
    PARTITIONS: `${partitions}`,
    HOST: '127.0.0.1',
    PORT: `${port}`,
  };
  const consumer = async (group: 'tally' | 'log') => {
    const command = [process.execPath, `${ROOT}/consumer/main.ts`];
    const own = { CONSUMER_GROUPS: group, CONSUMER_PORT: '0' };
    return started.use(await startChild({ command, env: { ...env, ...own }, core: placement.consumer }));
  };
  const [tally, log] = [await consumer('tally'), await consumer('log')];
  const command = runtimeCommand('node', 'edge/main.ts');
  const edge = started.use(await startChild({ command, env, core: placement.server }));
  const url = `http://127.0.0.1:${port}`;
  await awaitFirstVote({ url, transport: 'http1' }, edge, START_MS);
  const owned = started.move();
  return {
    url,
    redis,
    nodes,
    watch: [
      { name: 'edge', pid: edge.pid },
      ...servers.map(({ process: { pid = 0 } }) => ({ name: 'redis', pid })),
      { name: 'tally', pid: tally.pid },
      { name: 'log', pid: log.pid },
    ],
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Forms a cluster of masters without replicas. Not with redis-cli, which refuses fewer than three. */
async function joinCluster(nodes: readonly Redis[], firstPort: number): Promise<void> {
  for (const [n, node] of nodes.entries()) {
    const [from, to] = [n, n + 1].map((share) => Math.floor((share * SLOTS) / nodes.length));
    await node.send(undefined, ['CLUSTER', 'ADDSLOTSRANGE', `${from}`, `${(to ?? 0) - 1}`]);
    await node.send(undefined, ['CLUSTER', 'SET-CONFIG-EPOCH', `${n + 1}`]);
    await node.send(undefined, ['CLUSTER', 'MEET', '127.0.0.1', `${firstPort}`]);
  }
  const deadline = Date.now() + START_MS;
  for (const node of nodes) {
    while (!(await isComplete(node, nodes.length))) {
      if (Date.now() > deadline) throw new Error('the Redis cluster did not form in 20 s');
      await delay(50);
    }
  }
}

async function isComplete(node: Redis, masters: number): Promise<boolean> {
  const info = String(await node.send(undefined, ['CLUSTER', 'INFO']));
  return info.includes('cluster_state:ok') && info.includes(`cluster_size:${masters}`);
}
