import { drained } from '../../check/drained.ts';
import { createContest, runCommand } from '../../inject/operator.ts';
import { castMany } from '../../load/cast-many.ts';
import type { Fault } from '../../matrix/fault.ts';
import { PARTITIONS } from '../../system/system.ts';

const CONTEST = 'quiet';
const VOTES = 200;

/** One contest is recounted while others get votes. */
export const recountUnderLoad: Fault = {
  id: 'F41',
  title: 'recount of an open contest, and recount --apply, while other contests get votes',
  system: { dashboard: true },
  load: { perSecond: 400 },
  async inflict({ system, violation }) {
    const url = system.edgeUrls[0] ?? '';
    await createContest(system, CONTEST);
    await castMany(url, CONTEST, { from: 0, votes: VOTES });
    for (const options of [[], ['--apply'], []]) {
      const began = performance.now();
      const { code, output } = await runCommand(system, 'recount', CONTEST, ...options);
      console.log(`      recount ${options.join(' ')} took ${Math.round(performance.now() - began)} ms`);
      if (code !== 0) violation(`recount ${CONTEST} ${options.join(' ')} exited with ${code}: ${output.slice(-300)}`);
    }
  },
  async settle({ system, violation }) {
    await drained(system.redisUrls, PARTITIONS);
    const response = await fetch(`${system.edgeUrls[0]}/v1/contests/${CONTEST}/results`);
    const { total } = (await response.json()) as { total: number };
    if (total !== VOTES) violation(`${total} votes count, ${VOTES} were cast`);
  },
};
