import { openRedis } from '../../../../store/redis/redis.ts';
import { scriptChild } from '../../../support/child.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { runCommand } from '../../inject/operator.ts';
import { readSystemView } from '../../inject/system-view.ts';
import { whileDrained } from '../../inject/while-drained.ts';
import { acknowledges } from '../../load/acknowledges.ts';
import type { Fault } from '../../matrix/fault.ts';

const START_MS = 15_000;

/** Redis settings that break the guarantees. */
export const settingsFaults: readonly Fault[] = [
  {
    id: 'F43a',
    title: 'Redis evicts keys: no process starts',
    async inflict({ system, load, violation }) {
      await using redis = openRedis({ urls: system.redisUrls, name: 'settings' });
      await redis.whenReady();
      await redis.send(undefined, ['CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru']);
      for (const [name, script] of [
        ['edge', 'edge/main.ts'],
        ['consumer', 'consumer/main.ts'],
      ] as const) {
        await using child = scriptChild(name, script, { ...system.env, PORT: '0', CONSUMER_PORT: '0' });
        child.start();
        const late = setTimeout(() => child.signal('SIGKILL'), START_MS);
        const code = await child.ended();
        clearTimeout(late);
        if (code === 0 || code === null) violation(`the ${name} runs with maxmemory-policy allkeys-lru`);
        else if (!child.output.includes('maxmemory-policy')) violation(`the ${name} does not say why: ${child.output}`);
      }
      await redis.send(undefined, ['CONFIG', 'SET', 'maxmemory-policy', 'noeviction']);
      await acknowledges(load, 100);
    },
  },
  {
    id: 'F43b',
    title: 'Redis restarts from an older snapshot: the ledger shows it, recount --all repairs',
    system: { dashboard: true, redisArgs: ['--appendonly', 'no'] },
    resultsMayGoBack: true,
    async inflict({ system, load, violation }) {
      await using redis = openRedis({ urls: system.redisUrls, name: 'snapshots', onError: () => undefined });
      await redis.whenReady();
      await redis.send(undefined, ['SAVE']);
      await acknowledges(load, 600);
      await whileDrained(system, () => system.crashRedis(0));
      await acknowledges(load, 1);
      const isWarned = async () => {
        const { warnings } = await readSystemView(system);
        return warnings.some((warning) => warning.includes('Redis restarted with data older than the log'));
      };
      const what = 'the System page warns that Redis restarted with older data';
      await waitFor(() => isWarned().catch(() => false), { what, timeoutMs: 15_000 }).catch((error: Error) =>
        violation(error.message),
      );
    },
    async settle({ system, violation }) {
      const { code, output } = await runCommand(system, 'recount', '--all', '--apply');
      if (code !== 0) violation(`recount --all --apply exited with ${code}: ${output}`);
      // The ledger keeps its gap, because the log does not have the ledger's lost figures.
    },
  },
];
