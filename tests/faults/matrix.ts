import type { Fault } from './fault.ts';
import { faults } from './faults.ts';

/** Every fault that this machine can inflict, in the order of their ids. */
export async function matrix(): Promise<readonly Fault[]> {
  return faults;
}
