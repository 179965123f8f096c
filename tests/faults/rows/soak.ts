import { acknowledges, type Fault, lasting } from './fault.ts';

/** Votes that the soak submits; `SOAK_VOTES` overrides. */
const votes = Number(process.env.SOAK_VOTES ?? 200_000);
/** Seed of the schedule, printed so that a run can be repeated; `SOAK_SEED` overrides. */
const seed = Number(process.env.SOAK_SEED ?? Date.now() % 1_000_000);

/** Everything at once: a SIGKILL every 2 s to a random consumer or edge, and Redis stopped for 3 s twice. */
export const soak: Fault = {
  id: 'F38',
  title: `${votes} votes; every 2 s a random process killed; Redis frozen for 3 s twice (seed ${seed})`,
  system: { edges: 2, consumers: 3 },
  load: { concurrency: 64, voters: 5000, timeoutMs: 4000 },
  async inflict(system, load) {
    const random = mulberry32(seed);
    const members = [...system.edges, ...system.consumers];
    const freezes = new Set([votes / 3, (2 * votes) / 3]);
    while (load.attempts.length < votes) {
      await lasting(2000);
      const { process } = members[Math.floor(random() * members.length)] ?? members[0] ?? {};
      if (process === undefined) throw new Error('a soak needs processes to kill');
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

/** A small repeatable generator of numbers from 0 to 1 (mulberry32). */
function mulberry32(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
