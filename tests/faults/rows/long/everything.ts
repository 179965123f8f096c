import { openRedis } from '../../../../store/redis/redis.ts';
import { cutAnswers, isAppend, isTally, killAt } from '../../inject/at-command.ts';
import { lasting } from '../../inject/lasting.ts';
import { pause, restart, silence } from '../../inject/members.ts';
import { silentViewers, slowClients } from '../../inject/slow-clients.ts';
import { acknowledges } from '../../load/acknowledges.ts';
import { pick } from '../../load/seeded.ts';
import type { Fault, FaultRun } from '../../matrix/fault.ts';

type Action = (run: FaultRun) => Promise<unknown>;

/** All faults after which the ledger of the load must balance without an operator. */
const ACTIONS: Readonly<Record<string, Action>> = {
  'kill an edge': ({ system, random }) => restart(system, [pick(random, system.edges)], 'SIGKILL'),
  'kill a consumer': ({ system, random }) => restart(system, [pick(random, system.consumers)], 'SIGKILL'),
  'stop an edge': ({ system, random }) => restart(system, [pick(random, system.edges)], 'SIGTERM'),
  'kill a consumer before it counts': ({ system }) => killAt(system, isTally, 1),
  'pause a consumer': ({ system, random, load }) =>
    pause([pick(random, system.consumers)], 2500, () => acknowledges(load, 20)),
  'lose replies of the tally': ({ system, load }) =>
    cutAnswers(system.consumers, isTally, { count: 5, between: () => acknowledges(load, 20) }),
  'lose replies of writes': ({ system, load }) =>
    cutAnswers(system.edges, isAppend, { count: 5, between: () => acknowledges(load, 20) }),
  'silence the edges': ({ system }) => silence(system.edges, 3000),
  'silence the consumers': ({ system }) => silence(system.consumers, 3000),
  'kill Redis': ({ system }) => system.crashRedis(500),
  async 'freeze Redis'({ system }) {
    system.redis.process.kill('SIGSTOP');
    await lasting(3000);
    system.redis.process.kill('SIGCONT');
  },
  async 'fill the memory of Redis'({ system }) {
    await using redis = openRedis({ urls: system.redisUrls, name: 'memory' });
    await redis.whenReady();
    await redis.send(undefined, ['CONFIG', 'SET', 'maxmemory', '1']);
    await lasting(3000);
    await redis.send(undefined, ['CONFIG', 'SET', 'maxmemory', '0']);
  },
  async 'slow clients and silent viewers'({ system }) {
    await using _slow = await slowClients(system.edgeUrls[0] ?? '', 100);
    await using _viewers = await silentViewers(`${system.dashboardUrl}/api/contests/cats-vs-dogs/events`, 20);
    await lasting(3000);
  },
};

/** Causes one fault after the other, chosen by the seed, for some minutes. */
export function everything(minutes: number): Fault {
  return {
    id: 'F38b',
    title: `every fault mixed for ${minutes} minutes`,
    system: { edges: 2, consumers: 3, dashboard: true },
    load: { concurrency: 32, voters: 2000, timeoutMs: 4000 },
    async inflict(run) {
      const { system, load, random } = run;
      const began = performance.now();
      while (performance.now() - began < minutes * 60_000) {
        const name = pick(random, Object.keys(ACTIONS));
        console.log(`      ${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  ${name}`);
        await ACTIONS[name]?.(run);
        await acknowledges(load, 50);
      }
      await system.ready();
    },
  };
}
