import { acknowledges } from '../../load/acknowledges.ts';
import type { Attempt } from '../../load/attempt.ts';
import { pick } from '../../load/seeded.ts';
import type { Fault } from '../../matrix/fault.ts';

/** How many voters change their vote, one after the other; `LAST_CHOICE_RUNS` overrides. */
const runs = Number(process.env.LAST_CHOICE_RUNS ?? 100);
const CHANGES = 1000;
/** Changes of one voter in flight at once, if sequences order them. */
const IN_FLIGHT = 25;

/** The last acknowledged choice of a voter counts. */
export const lastChoice: Fault = {
  id: 'I7',
  title: `${runs} times one voter changes ${CHANGES} times over both transports, while 4 consumers start and stop`,
  system: { edges: 2, consumers: 4 },
  load: { concurrency: 2, voters: 10 },
  async inflict({ system, load, random }) {
    for (let run = 0; run < runs; run++) {
      const { process } = system.consumers[run % 4] ?? {};
      // Every other voter sends no sequences and awaits each answer: the order of arrival decides.
      const inFlight = run % 2 === 0 ? IN_FLIGHT : 1;
      let next = 1;
      const change = async () => {
        while (next <= CHANGES) {
          const n = next++;
          const attempt: Attempt = {
            id: `r${run}-${n}`,
            contest: 'cats-vs-dogs',
            voter: `undecided-${run}`,
            choice: pick(random, ['cats', 'dogs']),
            sequence: inFlight === 1 ? 0 : n,
            voteId: '',
            path: n % 2 === 0 ? 'http' : 'grpc',
            outcome: 'pending',
          };
          await load.submit(attempt);
          if (n === CHANGES / 2 && run % 10 === 0) {
            await process?.stop('SIGKILL');
            process?.start();
          }
        }
      };
      await Promise.all(Array.from({ length: inFlight }, change));
    }
    await acknowledges(load, 1);
  },
};
