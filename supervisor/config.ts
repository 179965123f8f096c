import { type Env, isSet, readFlag, readInteger } from '../config/env.ts';
import type { StoreConfig } from '../config/store-config.ts';
import { readConsumerConfig } from '../consumer/config.ts';
import { readDashboardConfig } from '../dashboard/server/config.ts';
import { readEdgeConfig } from '../edge/config.ts';
import { freePort } from './redis/redis-server.ts';

/** Configuration of `npm start`, including the variables of its services. */
export interface StartConfig {
  readonly store: StoreConfig;
  /** True if REDIS_URL is unset: the supervisor starts an embedded Redis. */
  readonly embeddedRedis: boolean;
  /** `REDIS_PORT`: preferred port of the embedded Redis. Default 6379; 0: any free port. */
  readonly redisPort: number;
  /** `PORT`; 0 is already replaced with a free port. */
  readonly edge: { readonly port: number; readonly host: string };
  /** `DASHBOARD_PORT`; 0 is already replaced with a free port. */
  readonly dashboard: { readonly port: number; readonly host: string };
  /** `CONSUMERS`, 1 to 32: consumer processes. Default 2. */
  readonly consumers: number;
  /** `SEED`: whether to cast the sample votes at first start. Default true. */
  readonly seed: boolean;
  /** The environment of every service. */
  readonly env: Env;
}

/**
 * Reads every variable of every service, so that an invalid one stops the start before anything runs.
 *
 * @throws {ConfigError} for the first invalid value
 */
export async function readStartConfig(env: Env): Promise<StartConfig> {
  const edge = readEdgeConfig(env);
  readConsumerConfig(env);
  // PORT is for the edge here; a dashboard in its own container uses it as well.
  const dashboard = readDashboardConfig({
    ...env,
    DASHBOARD_PORT: isSet(env, 'DASHBOARD_PORT') ? env.DASHBOARD_PORT : '8090',
  });
  const edgePort = edge.port || (await freePort());
  const dashboardPort = dashboard.port || (await freePort());
  return {
    store: edge.store,
    embeddedRedis: !isSet(env, 'REDIS_URL'),
    redisPort: readInteger(env, 'REDIS_PORT', { fallback: 6379, min: 0, max: 65_535 }),
    edge: { port: edgePort, host: edge.host },
    dashboard: { port: dashboardPort, host: dashboard.host },
    consumers: readInteger(env, 'CONSUMERS', { fallback: 2, min: 1, max: 32 }),
    seed: readFlag(env, 'SEED', true),
    env: {
      // Shorter than the supervisor's own limit; see STOP_MS in running-system.ts.
      STOP_TIMEOUT_MS: '1800',
      VOTE_PORT: `${edgePort}`,
      ...env,
      PORT: `${edgePort}`,
      DASHBOARD_PORT: `${dashboardPort}`,
    },
  };
}
