import { lasting } from '../../inject/lasting.ts';
import { acknowledges } from '../../load/acknowledges.ts';
import { pick } from '../../load/seeded.ts';
import type { Fault } from '../../matrix/fault.ts';

/** Votes that the soak submits; `SOAK_VOTES` overrides. */
const votes = Number(process.env.SOAK_VOTES ?? 200_000);

/** A SIGKILL every 2 s to a random consumer or edge, and Redis frozen for 3 s twice. */
export const soak: Fault = {
  id: 'F38',
  title: `${votes} votes; every 2 s a random process killed; Redis frozen for 3 s twice`,
  system: { edges: 2, consumers: 3 },
  load: { concurrency: 64, voters: 5000, timeoutMs: 4000 },
  async inflict({ system, load, random }) {
    const members = [...system.edges, ...system.consumers];
    const freezes = new Set([votes / 3, (2 * votes) / 3]);
    while (load.attempts.length < votes) {
      await lasting(2000);
      const { process } = pick(random, members);
      await process.stop('SIGKILL');
      process.start();
      for (const at of freezes) {
        if (load.attempts.length < at) continue;
        freezes.delete(at);
        system.redis.process.kill('SIGSTOP');
        await lasting(3000);
        system.redis.process.kill('SIGCONT');
      }
    }
    await system.ready();
    await acknowledges(load, 100);
  },
};
