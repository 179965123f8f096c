import { clusterFaults } from '../rows/cluster/cluster-faults.ts';
import { masterDead } from '../rows/cluster/cluster-master-dead.ts';
import { logFaults } from '../rows/log/log-faults.ts';
import { logFileFaults } from '../rows/log/log-file-faults.ts';
import { lastChoice } from '../rows/long/last-choice.ts';
import { soak } from '../rows/long/soak.ts';
import { recountOrders } from '../rows/operator/recount-orders.ts';
import { recountUnderLoad } from '../rows/operator/recount-under-load.ts';
import { consumerFaults } from '../rows/processes/consumer-faults.ts';
import { edgeFaults } from '../rows/processes/edge-faults.ts';
import { rollingRestarts } from '../rows/processes/rolling-restarts.ts';
import { rollingRestartsBehindProxy } from '../rows/processes/rolling-restarts-behind-proxy.ts';
import { clockFaults } from '../rows/redis/clock-faults.ts';
import { flushFaults } from '../rows/redis/flush-faults.ts';
import { memoryFault } from '../rows/redis/memory-faults.ts';
import { redisFaults } from '../rows/redis/redis-faults.ts';
import { settingsFaults } from '../rows/redis/settings-faults.ts';
import type { Fault } from './fault.ts';

/** The fault matrix: `npm run test:faults`. */
export const matrix: readonly Fault[] = [
  ...consumerFaults,
  ...edgeFaults,
  ...redisFaults,
  ...flushFaults,
  ...clockFaults,
  memoryFault,
  ...settingsFaults,
  recountOrders,
  recountUnderLoad,
  rollingRestarts,
  rollingRestartsBehindProxy,
  ...clusterFaults,
  masterDead(),
  ...logFaults,
  ...logFileFaults,
];

/** Faults of processes and entries. Faults of links and of Redis have separate versions for a cluster. */
const ALSO_ON_CLUSTER = ['F4', 'F25', 'F26', 'F29', 'F31', 'F32', 'F33', 'F34', 'F35'];

/** The matrix on a Redis Cluster. */
export const onCluster: readonly Fault[] = [
  ...[...consumerFaults, ...edgeFaults]
    .filter(({ id }) => ALSO_ON_CLUSTER.includes(id))
    .map((fault) => ({ ...fault, system: { ...fault.system, redis: 'cluster' as const } })),
  ...clusterFaults,
];

/** Longer runs: `npm run test:soak`. */
export const longRuns: readonly Fault[] = [lastChoice, soak];
