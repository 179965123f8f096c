import { clusterFaults } from './cluster-faults.ts';
import type { Fault } from './fault.ts';
import { faults } from './faults.ts';
import { lastChoice } from './last-choice.ts';
import { logFaults } from './log-faults.ts';
import { soak } from './soak.ts';

/** The fault matrix: `npm run test:faults`. */
export const matrix: readonly Fault[] = [...faults, ...clusterFaults, ...logFaults];

/** Faults of processes and entries, on a Redis Cluster; those of links and of the one Redis have their own there. */
export const onCluster: readonly Fault[] = [
  ...faults
    .filter(({ id }) => ['F4', 'F25', 'F26', 'F29', 'F31', 'F32', 'F33', 'F34', 'F35'].includes(id))
    .map((fault) => ({ ...fault, system: { ...fault.system, redis: 'cluster' as const } })),
  ...clusterFaults,
];

/** What takes longer: `npm run test:soak`. */
export const longRuns: readonly Fault[] = [lastChoice, soak];
