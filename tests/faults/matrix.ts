import { clusterFaults } from './cluster-faults.ts';
import type { Fault } from './fault.ts';
import { faults } from './faults.ts';
import { lastChoice } from './last-choice.ts';
import { logFaults } from './log-faults.ts';
import { soak } from './soak.ts';

/** The fault matrix: `npm run test:faults`. */
export const matrix: readonly Fault[] = [...faults, ...clusterFaults, ...logFaults];

/** What takes longer: `npm run test:soak`. */
export const longRuns: readonly Fault[] = [lastChoice, soak];
