import { streamKey } from '../../../../store/streams/keys.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { lasting } from '../../inject/lasting.ts';
import { acknowledges } from '../../load/acknowledges.ts';
import type { Fault } from '../../matrix/fault.ts';
import type { ClusterNode, RedisCluster } from '../../system/redis-cluster.ts';

/** Faults of a Redis Cluster of three masters with a replica each. */
export const clusterFaults: readonly Fault[] = [
  {
    id: 'F12',
    title: 'a master of the cluster killed, its replica healthy',
    system: { redis: 'cluster', env: { DURABILITY: 'replica' } },
    async inflict({ system, load }) {
      const { cluster } = system;
      const master = await cluster.master(streamKey(0));
      await cluster.kill(master);
      await failedOver(cluster, master);
      // No replica can confirm writes to these slots until the killed node is back as a replica.
      await cluster.revive(master);
      await cluster.healthy();
      await acknowledges(load, 100);
    },
  },
  {
    id: 'F13',
    title: 'a replica paused, then its master killed',
    system: { redis: 'cluster', env: { DURABILITY: 'replica' } },
    async inflict({ system, load }) {
      const { cluster } = system;
      const master = await cluster.master(streamKey(0));
      const replica = await cluster.replicaOf(master);
      cluster.signal(replica, 'SIGSTOP');
      // Otherwise the kernel buffers what the master keeps sending, and the resumed replica reads it.
      await cluster.command(master.port, 'CLIENT', 'KILL', 'TYPE', 'replica');
      await lasting(1200);
      await cluster.kill(master);
      cluster.signal(replica, 'SIGCONT');
      await failedOver(cluster, master);
      await cluster.revive(master);
      await cluster.healthy();
      await acknowledges(load, 100);
    },
  },
  {
    id: 'F14',
    title: 'a replica takes over on command, under load',
    system: { redis: 'cluster' },
    async inflict({ system, load }) {
      const { cluster } = system;
      const master = await cluster.master(streamKey(0));
      const replica = await cluster.replicaOf(master);
      await cluster.command(replica.port, 'CLUSTER', 'FAILOVER');
      await failedOver(cluster, master);
      await cluster.healthy();
      await acknowledges(load, 100);
    },
  },
  {
    id: 'F15',
    title: 'a partition moves to another master, key by key',
    system: { redis: 'cluster' },
    async inflict({ system, load }) {
      await migrate(system.cluster, streamKey(0));
      await acknowledges(load, 100);
    },
  },
  {
    id: 'F16',
    title: '1,000 slots move to another master',
    system: { redis: 'cluster', consumers: 4 },
    async inflict({ system, load }) {
      await system.cluster.reshard(streamKey(0), 1000);
      await acknowledges(load, 100);
    },
  },
];

/** Waits until another node than `before` serves partition 0. */
async function failedOver(cluster: RedisCluster, before: ClusterNode): Promise<void> {
  const changed = async () => {
    try {
      return (await cluster.master(streamKey(0))).port !== before.port;
    } catch {
      // No master serves the slot yet.
      return false;
    }
  };
  await waitFor(changed, { what: 'a replica takes over', timeoutMs: 20_000 });
}

/** Moves the slot of a key like `redis-cli --cluster reshard`, slowly enough for every process to notice. */
async function migrate(cluster: RedisCluster, key: string): Promise<void> {
  const from = await cluster.master(key);
  const to = await cluster.otherMaster(from);
  const slot = await cluster.command(from.port, 'CLUSTER', 'KEYSLOT', key);
  await cluster.command(to.port, 'CLUSTER', 'SETSLOT', slot, 'IMPORTING', from.id);
  await cluster.command(from.port, 'CLUSTER', 'SETSLOT', slot, 'MIGRATING', to.id);
  for (;;) {
    const keys = (await cluster.command(from.port, 'CLUSTER', 'GETKEYSINSLOT', slot, '1')).split('\n').filter(Boolean);
    const next = keys[0];
    if (next === undefined) break;
    await cluster.command(from.port, 'MIGRATE', '127.0.0.1', `${to.port}`, next, '0', '5000');
    await lasting(300);
  }
  await cluster.command(to.port, 'CLUSTER', 'SETSLOT', slot, 'NODE', to.id);
  await cluster.command(from.port, 'CLUSTER', 'SETSLOT', slot, 'NODE', to.id);
}
