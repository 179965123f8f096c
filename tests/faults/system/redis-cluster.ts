import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type RedisServer, startRedisServer } from '../../../supervisor/redis/redis-server.ts';
import { waitFor } from '../../support/wait-for.ts';

const run = promisify(execFile);

/** Three masters with a replica each, as real processes on loopback. */
export interface RedisCluster extends AsyncDisposable {
  readonly urls: readonly string[];
  /** The current master of the slot of a key. */
  master(key: string): Promise<ClusterNode>;
  replicaOf(master: ClusterNode): Promise<ClusterNode>;
  otherMaster(than: ClusterNode): Promise<ClusterNode>;
  /** Moves the slot of `key`, and `slots` slots of its master in total, to another master. */
  reshard(key: string, slots: number): Promise<void>;
  /** Waits until every slot is served and each master has its replica in sync. */
  healthy(): Promise<void>;
  /** Kills a node at once, like a crash. */
  kill(node: ClusterNode): Promise<void>;
  /** Pauses a node or resumes it. */
  signal(node: ClusterNode, signal: 'SIGSTOP' | 'SIGCONT'): void;
  /** Restarts a killed node with its files. */
  revive(node: ClusterNode): Promise<void>;
  /** Runs a command on one node and returns what it printed. */
  command(port: number, ...args: string[]): Promise<string>;
}

export interface ClusterNode {
  readonly id: string;
  readonly port: number;
}

/** Starts the cluster in `dir` and waits until it serves. */
export async function startRedisCluster(dir: string): Promise<RedisCluster> {
  const nodes = new Map<number, Node>();
  for (let n = 0; n < 6; n++) {
    const nodeDir = join(dir, `node-${n}`);
    const server = await startRedisServer({ dir: nodeDir, args: NODE_ARGS });
    nodes.set(server.port, { dir: nodeDir, server });
  }
  const cluster = new LocalCluster(nodes);
  const addresses = [...nodes.keys()].map((port) => `127.0.0.1:${port}`);
  await run('redis-cli', ['--cluster', 'create', ...addresses, '--cluster-replicas', '1', '--cluster-yes']);
  await cluster.healthy();
  return cluster;
}

const NODE_ARGS = ['--cluster-enabled', 'yes', '--cluster-config-file', 'nodes.conf', '--cluster-node-timeout', '2000'];

interface Node {
  readonly dir: string;
  server: RedisServer;
}

class LocalCluster implements RedisCluster {
  /** By port. */
  readonly #nodes: ReadonlyMap<number, Node>;

  constructor(nodes: ReadonlyMap<number, Node>) {
    this.#nodes = nodes;
  }

  get urls(): readonly string[] {
    return [...this.#nodes.values()].map(({ server }) => server.url);
  }

  async kill({ port }: ClusterNode): Promise<void> {
    const process = this.#at(port).server.process;
    const exited = once(process, 'exit');
    process.kill('SIGKILL');
    await exited;
  }

  signal({ port }: ClusterNode, signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#at(port).server.process.kill(signal);
  }

  async revive({ port }: ClusterNode): Promise<void> {
    const node = this.#at(port);
    node.server = await startRedisServer({ dir: node.dir, port, args: NODE_ARGS });
  }

  async command(port: number, ...args: string[]): Promise<string> {
    return (await run('redis-cli', ['-p', `${port}`, ...args], { timeout: 10_000 })).stdout.trim();
  }

  async master(key: string): Promise<ClusterNode> {
    const slot = Number(await this.command(this.#anyPort(), 'CLUSTER', 'KEYSLOT', key));
    for (const fields of await this.#table()) {
      const serves = fields.slice(8).some((range) => {
        const [from, to = from] = range.split('-').map(Number);
        return from !== undefined && to !== undefined && from <= slot && slot <= to;
      });
      if (serves && fields[2]?.includes('master')) return this.#node(fields);
    }
    throw new Error(`no master serves slot ${slot}`);
  }

  async replicaOf(master: ClusterNode): Promise<ClusterNode> {
    const fields = (await this.#table()).find((row) => row[3] === master.id && !row[2]?.includes('fail'));
    if (fields === undefined) throw new Error(`the master on port ${master.port} has no replica`);
    return this.#node(fields);
  }

  async otherMaster(than: ClusterNode): Promise<ClusterNode> {
    const fields = (await this.#table()).find((row) => row[2]?.includes('master') && row[0] !== than.id);
    if (fields === undefined) throw new Error('the cluster has one master only');
    return this.#node(fields);
  }

  async reshard(key: string, slots: number): Promise<void> {
    const from = await this.master(key);
    const to = await this.otherMaster(from);
    const ends = ['--cluster-from', from.id, '--cluster-to', to.id, '--cluster-slots', `${slots}`];
    await run('redis-cli', ['--cluster', 'reshard', `127.0.0.1:${from.port}`, ...ends, '--cluster-yes']);
  }

  healthy(): Promise<void> {
    return waitFor(() => this.#isHealthy(), {
      what: 'the cluster serves every slot with its replicas',
      timeoutMs: 30_000,
    });
  }

  async #isHealthy(): Promise<boolean> {
    for (const { port } of this.#alive()) {
      try {
        const info = await this.command(port, 'CLUSTER', 'INFO');
        if (!info.includes('cluster_state:ok') || !info.includes('cluster_slots_ok:16384')) return false;
        const replication = await this.command(port, 'INFO', 'replication');
        const linked = /role:master[\s\S]*connected_slaves:[1-9]|role:slave[\s\S]*master_link_status:up/.test(
          replication,
        );
        if (!linked) return false;
      } catch {
        // The node does not answer yet.
        return false;
      }
    }
    return true;
  }

  async #table(): Promise<string[][]> {
    const nodes = await this.command(this.#anyPort(), 'CLUSTER', 'NODES');
    return nodes.split('\n').map((line) => line.split(' '));
  }

  #node(fields: readonly string[]): ClusterNode {
    const port = Number(/:(\d+)@/.exec(fields[1] ?? '')?.[1]);
    this.#at(port);
    return { id: fields[0] ?? '', port };
  }

  #at(port: number): Node {
    const node = this.#nodes.get(port);
    if (node === undefined) throw new Error(`no node of this cluster is on port ${port}`);
    return node;
  }

  #alive(): readonly RedisServer[] {
    const servers = [...this.#nodes.values()].map(({ server }) => server);
    return servers.filter(({ process }) => process.exitCode === null && process.signalCode === null);
  }

  #anyPort(): number {
    const node = this.#alive()[0];
    if (node === undefined) throw new Error('no node of the cluster runs');
    return node.port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#nodes.values()].map(({ server }) => server[Symbol.asyncDispose]()));
  }
}
