import { openRedis } from '../../../../store/redis/redis.ts';
import { nullable, parseText } from '../../../../store/redis/replies.ts';
import { clusterKey } from '../../../../store/streams/keys.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { createContest, runCommand } from '../../inject/operator.ts';
import { whileDrained } from '../../inject/while-drained.ts';
import { acknowledges } from '../../load/acknowledges.ts';
import type { Fault, FaultRun } from '../../matrix/fault.ts';

const CONTEST = 'made-by-operator';
const BACK_MS = 5000;

const flushFault = (id: string, title: string, secret: 'set' | 'made'): Fault => ({
  id,
  title,
  system: { edges: 2, consumers: 3, dashboard: true, secret },
  load: { perSecond: 400 },
  backWithinMs: BACK_MS,
  resultsMayGoBack: true,
  async inflict(run) {
    const { system, load, violation } = run;
    await createContest(system, CONTEST);
    await using redis = openRedis({ urls: system.redisUrls, name: 'flusher' });
    await redis.whenReady();
    const readSecret = () => redis.send(clusterKey, ['HGET', clusterKey, 'secret'], nullable(parseText));
    const before = await readSecret();
    await whileDrained(system, () => redis.send(undefined, ['FLUSHALL']));
    const flushedAt = load.attempts.length;
    // A process that starts now finds the data that the others restored.
    const late = [system.consumers[0], system.edges[1]];
    for (const member of late) await member?.process.stop('SIGKILL');
    for (const member of late) member?.process.start();
    await acknowledges(load, 1);
    await waitFor(async () => (await fetch(`${system.edgeUrls[0]}/v1/contests/${CONTEST}`)).ok, {
      what: 'the contest that an operator made is back',
      timeoutMs: BACK_MS,
    }).catch((error: Error) => violation(error.message));
    await system.ready();
    await acknowledges(load, 600);
    if ((await readSecret()) !== before) violation('the secret has changed');
    const rejected = load.attempts.slice(flushedAt).filter(({ outcome }) => outcome === 'failed');
    if (rejected.length > 0) violation(`${rejected.length} votes were rejected for good: ${rejected[0]?.detail}`);
  },
  async settle({ system, violation }: FaultRun) {
    const { code, output } = await runCommand(system, 'recount', '--all', '--apply');
    if (code !== 0) violation(`recount --all --apply exited with ${code}: ${output}`);
  },
});

/** Redis comes back empty while everything else runs. */
export const flushFaults: readonly Fault[] = [
  flushFault('F17a', 'FLUSHALL under load, with SECRET', 'set'),
  flushFault('F17b', 'FLUSHALL under load, without SECRET', 'made'),
];
