import type { Attempt } from '../tools/load.ts';
import { acknowledges, type Fault } from './fault.ts';

/** How many voters change their mind, one after the other; `LAST_CHOICE_RUNS` overrides. */
const runs = Number(process.env.LAST_CHOICE_RUNS ?? 100);
const CHANGES = 1000;
/** Changes of one voter in flight, where sequences order them. */
const IN_FLIGHT = 25;

/** One voter, a thousand changes over both paths, four consumers that come and go: the last acknowledged choice stands. */
export const lastChoice: Fault = {
  id: 'I7',
  title: `${runs} times one voter changes ${CHANGES} times over both paths, with 4 consumers that come and go`,
  system: { edges: 2, consumers: 4 },
  load: { concurrency: 2, voters: 10 },
  async inflict(system, load) {
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
            choice: Math.random() < 0.5 ? 'cats' : 'dogs',
            sequence: inFlight === 1 ? 0 : n,
            voteId: '',
            path: n % 2 === 0 ? 'http' : 'grpc',
            outcome: 'pending',
          };
          load.attempts.push(attempt);
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
