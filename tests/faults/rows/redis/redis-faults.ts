import { rmSync } from 'node:fs';
import { openRedis } from '../../../../store/redis/redis.ts';
import { lasting } from '../../inject/lasting.ts';
import { loseUnsynced, notingSyncs, tearTail } from '../../inject/redis/append-only-file.ts';
import { fillUp, inSmallFileSystem } from '../../inject/redis/small-file-system.ts';
import { acknowledges } from '../../load/acknowledges.ts';
import type { Fault } from '../../matrix/fault.ts';
import { rounds } from '../processes/rounds.ts';

/** Faults of the single Redis and of the disk below it. */
export const redisFaults: readonly Fault[] = [
  {
    id: 'F6',
    title: 'Redis frozen for 3 s',
    async inflict({ system }) {
      system.redis.process.kill('SIGSTOP');
      await lasting(3000);
      system.redis.process.kill('SIGCONT');
    },
  },
  {
    id: 'F7a',
    title: 'Redis killed, append-only file synced every second',
    inflict: ({ system }) => system.crashRedis(500),
  },
  {
    id: 'F7b',
    title: 'Redis killed, append-only file synced always',
    system: { redisArgs: ['--appendfsync', 'always'] },
    inflict: ({ system }) => system.crashRedis(500),
  },
  {
    id: 'F8',
    title: 'power loss: data not synced to the disk is lost',
    system: { env: { DURABILITY: 'fsync' }, redisArgs: ['--appendfsync', 'always'], redisVia: notingSyncs },
    async inflict({ system, load }) {
      for (let round = 0; round < rounds; round++) {
        await system.crashRedis(200, loseUnsynced);
        await acknowledges(load, 100);
      }
    },
  },
  {
    id: 'F9',
    title: 'Redis killed, and the last command of its append-only file torn',
    async inflict({ system }) {
      const members = [...system.edges, ...system.consumers];
      for (const { process } of members) process.signal('SIGSTOP');
      await using redis = openRedis({ urls: system.redisUrls, name: 'tearer', onError: () => undefined });
      await redis.whenReady();
      // This command is torn instead of a vote, whose loss this durability mode would allow.
      await redis.send('torn', ['SET', 'torn', 'the last command']);
      await system.crashRedis(0, (dir) => tearTail(dir, 7));
      for (const { process } of members) process.signal('SIGCONT');
    },
  },
  {
    id: 'F10',
    title: 'the disk under the append-only file full for 3 s',
    system: { redisVia: (dir) => inSmallFileSystem(dir, '16m') },
    async inflict({ system }) {
      // The file system is mounted only in the namespace of the server's process.
      const filler = `/proc/${system.redis.process.pid}/root${system.dir}/redis/filler`;
      fillUp(filler);
      await lasting(3000);
      rmSync(filler);
    },
  },
];
