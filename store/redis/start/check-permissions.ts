import { ConfigError } from '../../../config/config-error.ts';
import { clusterKey } from '../../streams/keys.ts';
import type { Redis } from '../redis.ts';

const KEY = '{p0}:probe';
const NO_SCRIPT = '0'.repeat(40);

/** Harmless calls of the commands that a process needs: the key does not exist, and none of them creates it. */
const PROBES: readonly (readonly [key: string | undefined, command: readonly string[]])[] = [
  [KEY, ['EVALSHA', NO_SCRIPT, '1', KEY]],
  [KEY, ['EVAL', 'return 1', '1', KEY]],
  [KEY, ['XADD', KEY, 'NOMKSTREAM', '*', 'b', '']],
  [KEY, ['XREADGROUP', 'GROUP', 'probe', 'probe', 'STREAMS', KEY, '>']],
  [KEY, ['XAUTOCLAIM', KEY, 'probe', 'probe', '0', '0']],
  [KEY, ['XPENDING', KEY, 'probe']],
  [KEY, ['XINFO', 'GROUPS', KEY]],
  [KEY, ['XRANGE', KEY, '-', '+', 'COUNT', '1']],
  [KEY, ['HGETALL', KEY]],
  [KEY, ['HDEL', KEY, 'probe']],
  [KEY, ['WAIT', '0', '1']],
  [KEY, ['TIME']],
  [clusterKey, ['HGET', clusterKey, 'probe']],
  [undefined, ['PUBLISH', 'votewire:probe', '']],
];

/** @throws {ConfigError} that names every command that the user of REDIS_URL may not call */
export async function checkPermissions(redis: Redis): Promise<void> {
  const results = await Promise.allSettled(PROBES.map(([key, command]) => redis.send(key, [...command])));
  const denied = results.flatMap((result, index) => {
    const reason = result.status === 'rejected' ? String(result.reason?.message ?? result.reason) : '';
    return reason.startsWith('NOPERM') ? [PROBES[index]?.[1][0] ?? ''] : [];
  });
  if (denied.length === 0) return;
  throw new ConfigError(
    `The user of REDIS_URL may not call ${denied.join(', ')} on the keys and channels of Votewire. Grant it: ` +
      'ACL SETUSER <user> ~{p*}:* ~votewire:* &{p*}:* &votewire:* +@all -@admin -@dangerous +info',
  );
}
