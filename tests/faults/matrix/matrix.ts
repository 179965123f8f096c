import { clusterFaults } from '../rows/cluster-faults.ts';
import { consumerFaults } from '../rows/consumer-faults.ts';
import { edgeFaults } from '../rows/edge-faults.ts';
import { lastChoice } from '../rows/last-choice.ts';
import { logFaults } from '../rows/log-faults.ts';
import { redisFaults } from '../rows/redis-faults.ts';
import { soak } from '../rows/soak.ts';
import type { Fault } from './fault.ts';

/** The fault matrix: `npm run test:faults`. */
export const matrix: readonly Fault[] = [
  ...consumerFaults,
  ...edgeFaults,
  ...redisFaults,
  ...clusterFaults,
  ...logFaults,
];

/** Faults of processes and entries; those of links and of the single Redis have their own on a cluster. */
const ALSO_ON_CLUSTER = ['F4', 'F25', 'F26', 'F29', 'F31', 'F32', 'F33', 'F34', 'F35'];

/** The matrix on a Redis Cluster. */
export const onCluster: readonly Fault[] = [
  ...[...consumerFaults, ...edgeFaults]
    .filter(({ id }) => ALSO_ON_CLUSTER.includes(id))
    .map((fault) => ({ ...fault, system: { ...fault.system, redis: 'cluster' as const } })),
  ...clusterFaults,
];

/** What takes longer: `npm run test:soak`. */
export const longRuns: readonly Fault[] = [lastChoice, soak];
