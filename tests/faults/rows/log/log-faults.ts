import { lasting } from '../../inject/lasting.ts';
import { acknowledges } from '../../load/acknowledges.ts';
import type { Attempt } from '../../load/attempt.ts';
import type { Fault } from '../../matrix/fault.ts';

/** Faults of the MongoDB-wire server that holds the log. */
export const logFaults: readonly Fault[] = [
  {
    id: 'F20',
    title: 'MongoDB down for 60 s',
    system: { log: 'mongodb' },
    // nx-27017 inserts about 300 documents per second; a real MongoDB a hundred times as many.
    load: { perSecond: 60 },
    async inflict({ system, load }) {
      await acknowledges(load, 600);
      const before = latencies(load.attempts);
      const from = load.attempts.length;
      await system.crashMongo(60_000);
      const meanwhile = latencies(load.attempts.slice(from));
      console.log(`      latency before: ${before.text}; without MongoDB: ${meanwhile.text}`);
      // Allows a millisecond of noise, because these are few votes on a shared machine.
      if (meanwhile.p50 > 1.2 * before.p50 + 1) throw new Error('votes took longer while MongoDB was down');
      await acknowledges(load, 100);
    },
  },
  {
    id: 'F21',
    title: 'MongoDB frozen for 8 s',
    system: { log: 'mongodb' },
    async inflict({ system, load }) {
      system.mongo.process?.kill('SIGSTOP');
      await lasting(8000);
      await acknowledges(load, 100);
      system.mongo.process?.kill('SIGCONT');
    },
  },
  {
    id: 'F22',
    title: 'MongoDB killed in the middle of writes',
    system: { log: 'mongodb' },
    async inflict({ system, load }) {
      for (let round = 0; round < 5; round++) {
        await system.crashMongo(0);
        await acknowledges(load, 300);
      }
    },
  },
  {
    id: 'F42',
    title: 'MongoDB fails if one command creates several indexes that exist; more consumers start',
    system: { log: 'mongodb', mongoVia: 'proxy' },
    load: { perSecond: 60 },
    async inflict({ system, load }) {
      // Simulates FerretDB 1.24, whose process exits.
      system.mongoLink.judge = (chunk) => (createsSeveralIndexes(chunk) ? 'cut-before' : 'forward');
      for (const { process } of system.consumers) {
        await process.stop('SIGTERM');
        process.start();
        await process.hasPrinted('"Ready"');
      }
      await acknowledges(load, 100);
    },
  },
];

function latencies(attempts: readonly Attempt[]) {
  const sorted = attempts.flatMap(({ latencyMs }) => latencyMs ?? []).sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  const [p50, p99] = [at(0.5), at(0.99)];
  return { p50, text: `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms` };
}

/** Whether it is a createIndexes command with more than one index: each has one `key` document. */
function createsSeveralIndexes(chunk: Buffer): boolean {
  return chunk.includes('createIndexes\0') && chunk.toString('latin1').split('\x03key\0').length > 2;
}
