import { openRedis } from '../../../../store/redis/redis.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { lasting } from '../../inject/lasting.ts';
import { changeContest, createContest } from '../../inject/operator.ts';
import { readSystemView } from '../../inject/system-view.ts';
import { acknowledges } from '../../load/acknowledges.ts';
import type { Fault } from '../../matrix/fault.ts';

/** Longer than a heartbeat may be delayed. */
const FULL_MS = 8000;

/** Redis accepts no writes. */
export const memoryFault: Fault = {
  id: 'F11',
  title: 'Redis out of memory for 8 s',
  system: { dashboard: true, redisArgs: ['--maxmemory-policy', 'noeviction'] },
  backWithinMs: 5000,
  async inflict({ system, load, violation }) {
    await createContest(system, 'for-changes');
    await using redis = openRedis({ urls: system.redisUrls, name: 'memory' });
    await redis.whenReady();
    await redis.send(undefined, ['CONFIG', 'SET', 'maxmemory', '1']);
    await lasting(FULL_MS);
    for (const [method, body] of [
      ['PATCH', { status: 'closed' }],
      ['POST', { title: 'more', rule: 'open', options: [{ id: 'yes' }], opensAt: null, closesAt: null }],
    ] as const) {
      const { status, text } = await changeContest(
        system,
        method,
        method === 'POST' ? 'one-more' : 'for-changes',
        body,
      );
      if (status !== 503) violation(`${method} of a contest was answered ${status}: ${text}`);
    }
    const { consumers, edges } = await readSystemView(system);
    const dead = [...consumers, ...edges].filter(({ alive }) => !alive).map(({ name }) => name);
    if (dead.length > 0) violation(`running processes look dead: ${dead.join(', ')}`);
    await redis.send(undefined, ['CONFIG', 'SET', 'maxmemory', '0']);
    await acknowledges(load, 1);
  },
  async settle({ system, violation }) {
    // Edges report accepted votes every second.
    const isReported = async () => {
      const { intake } = (await readSystemView(system)).ledger;
      return intake.accepted <= intake.offered;
    };
    await waitFor(isReported, { what: 'at least as many votes are reported offered as accepted' }).catch(
      (error: Error) => violation(error.message),
    );
    for (const gap of (await readSystemView(system)).ledger.gaps) violation(`the ledger has a gap: ${gap}`);
  },
};
