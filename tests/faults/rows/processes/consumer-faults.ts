import { createHash } from 'node:crypto';
import { openRedis } from '../../../../store/redis/redis.ts';
import { streamKey } from '../../../../store/streams/keys.ts';
import { cutAnswers, isLogAck, isTally, killAt } from '../../inject/at-command.ts';
import { lasting } from '../../inject/lasting.ts';
import { pause, restart, silence } from '../../inject/members.ts';
import { BUSY_ON_SIGNAL } from '../../inject/preload.ts';
import { acknowledges } from '../../load/acknowledges.ts';
import type { Fault } from '../../matrix/fault.ts';
import { rounds } from './rounds.ts';

/** Longer than three claim periods of the system under test. */
const PAUSE_MS = 3000;

/** Faults of consumers and of the entries that they read. */
export const consumerFaults: readonly Fault[] = [
  {
    id: 'F1',
    title: 'tally consumer killed between reading and counting',
    inflict: ({ system }) => killAt(system, isTally, rounds),
  },
  {
    id: 'F2',
    title: 'the tally ran and its reply was lost',
    inflict: ({ system, load }) =>
      cutAnswers(system.consumers, isTally, { count: rounds * 5, between: () => acknowledges(load, 20) }),
  },
  {
    id: 'F3',
    title: 'log consumer killed between storing and acknowledging',
    inflict: ({ system }) => killAt(system, isLogAck, rounds),
  },
  {
    id: 'F25',
    title: 'entries that no consumer can read',
    poison: 4,
    async inflict({ system, load }) {
      await using redis = openRedis({ urls: system.redisUrls, name: 'poisoner' });
      await redis.whenReady();
      const key = streamKey(0);
      const garbage = createHash('sha512').update('garbage').digest();
      await redis.send(key, ['XADD', key, '*', 'b', garbage]);
      await redis.send(key, ['XADD', key, '*', 'b', '']);
      await redis.send(key, ['XADD', key, '*', 'other', 'x']);
      await redis.send(key, ['XADD', key, '*', 'b', Buffer.from([0x22, 0x7f, 0x0a])]);
      await acknowledges(load, 300);
    },
  },
  {
    id: 'F26',
    title: 'consumer paused for three claim periods, then resumed',
    inflict: ({ system, load }) => pause(system.consumers, PAUSE_MS, () => acknowledges(load, 100)),
  },
  {
    id: 'F27',
    title: "consumer's event loop blocked for three claim periods",
    system: { consumerEnv: BUSY_ON_SIGNAL },
    async inflict({ system, load }) {
      for (const { process } of system.consumers) {
        await process.hasPrinted('"Ready"');
        process.signal('SIGUSR2');
        await lasting(PAUSE_MS);
        await acknowledges(load, 100);
      }
    },
  },
  {
    id: 'F30b',
    title: 'the link between consumers and Redis dead for 5 s, without a reset',
    inflict: ({ system }) => silence(system.consumers, 5000),
  },
  {
    id: 'F32',
    title: 'consumers stopped one by one by SIGTERM',
    async inflict({ system, load }) {
      for (let round = 0; round < rounds; round++) {
        // A signal that arrives before its handler is installed ends the process at once, which is not this fault.
        for (const { process } of system.consumers) await process.hasPrinted('"Ready"');
        await restart(system, system.consumers, 'SIGTERM');
        await acknowledges(load, 50);
      }
    },
  },
];
