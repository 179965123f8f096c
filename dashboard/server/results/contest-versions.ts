import type { Redis } from '../../../store/redis/redis.ts';
import { nullable, parseText } from '../../../store/redis/replies.ts';
import { tallyKey } from '../../../store/streams/keys.ts';

/** Reads the version of a contest's counts, which grows with each change; far cheaper than reading up to 256 counts. */
export type ReadVersion = (contest: string) => Promise<number>;

export function createVersionReader(redis: Redis, partitions: number): ReadVersion {
  return async (contest) => {
    const versions = await Promise.all(
      Array.from({ length: partitions }, (_, partition) => {
        const key = tallyKey(partition, contest);
        return redis.send(key, ['HGET', key, ':version'], nullable(parseText));
      }),
    );
    return versions.reduce((sum, version) => sum + Number(version ?? 0), 0);
  };
}
