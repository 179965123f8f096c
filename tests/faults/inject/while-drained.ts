import { drained } from '../check/drained.ts';
import { PARTITIONS, type System } from '../system/system.ts';

/**
 * Does something when the tally and the log have every acknowledged vote: what the action destroys in Redis or in the
 * log, no one else has. The edges are paused meanwhile, with votes in flight.
 */
export async function whileDrained(system: System, action: () => Promise<unknown>): Promise<void> {
  for (const { process } of system.edges) process.signal('SIGSTOP');
  try {
    await drained(system.redisUrls, PARTITIONS);
    await action();
  } finally {
    for (const { process } of system.edges) process.signal('SIGCONT');
  }
}
