import { clusterFaults } from './cluster-faults.ts';
import type { Fault } from './fault.ts';
import { faults } from './faults.ts';
import { lastChoice } from './last-choice.ts';
import { logFaults } from './log-faults.ts';
import { soak } from './soak.ts';

/** Every fault of the matrix, the longest last. */
export const matrix: readonly Fault[] = [...faults, ...clusterFaults, ...logFaults, lastChoice, soak];
