import { type Env, isSet, readFlag, readInteger } from '../config/env.ts';
import type { StoreConfig } from '../config/store-config.ts';
import { readConsumerConfig } from '../consumer/config.ts';
import { readDashboardConfig } from '../dashboard/server/config.ts';
import { readEdgeConfig } from '../edge/config.ts';
import { freePort } from './redis/redis-server.ts';

/** What `npm start` is told by its environment, the parts' own variables included. */
export interface StartConfig {
  readonly store: StoreConfig;
  /** REDIS_URL is unset: a Redis of our own is started. */
  readonly ownRedis: boolean;
  /** `REDIS_PORT`: the port that our own Redis takes where it is free. Default 6379; 0: any free one. */
  readonly redisPort: number;
  /** `PORT`; 0 has become a free one. */
  readonly edge: { readonly port: number; readonly host: string };
  /** `DASHBOARD_PORT`; 0 has become a free one. */
  readonly dashboard: { readonly port: number; readonly host: string };
  /** `CONSUMERS`, 1 to 32: processes that count and log. Default 2. */
  readonly consumers: number;
  /** `SEED`: whether to cast the seed votes at first start. Default true. */
  readonly seed: boolean;
  /** What every part gets. */
  readonly env: Env;
}

/**
 * Reads every variable of every part, so that a bad one stops the start before anything runs.
 *
 * @throws {ConfigError} at the first value that is not allowed
 */
export async function readStartConfig(env: Env): Promise<StartConfig> {
  const edge = readEdgeConfig(env);
  readConsumerConfig(env);
  // PORT is the edge's here; alone in a container the dashboard obeys it too.
  const dashboard = readDashboardConfig({
    ...env,
    DASHBOARD_PORT: isSet(env, 'DASHBOARD_PORT') ? env.DASHBOARD_PORT : '8090',
  });
  const edgePort = edge.port || (await freePort());
  const dashboardPort = dashboard.port || (await freePort());
  return {
    store: edge.store,
    ownRedis: !isSet(env, 'REDIS_URL'),
    redisPort: readInteger(env, 'REDIS_PORT', { fallback: 6379, min: 0, max: 65_535 }),
    edge: { port: edgePort, host: edge.host },
    dashboard: { port: dashboardPort, host: dashboard.host },
    consumers: readInteger(env, 'CONSUMERS', { fallback: 2, min: 1, max: 32 }),
    seed: readFlag(env, 'SEED', true),
    env: {
      // Ends before the supervisor forces it; see STOP_MS in system.ts.
      STOP_TIMEOUT_MS: '1800',
      VOTE_PORT: `${edgePort}`,
      ...env,
      PORT: `${edgePort}`,
      DASHBOARD_PORT: `${dashboardPort}`,
    },
  };
}
