import { drained } from '../check/drained.ts';
import { PARTITIONS, type System } from '../system/system.ts';

/**
 * Runs an action when the tally and the log have every acknowledged vote, so that nothing in flight replaces what it
 * destroys in Redis or in the log. The edges are paused meanwhile, with votes in flight.
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
