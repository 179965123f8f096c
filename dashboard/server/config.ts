import { fileURLToPath } from 'node:url';
import { ConfigError } from '../../config/config-error.ts';
import { type Env, isSet, readInteger, readSecret, readText } from '../../config/env.ts';
import { readStoreConfig, type StoreConfig } from '../../config/store-config.ts';

/** Everything that the dashboard's server is told from outside. */
export interface DashboardConfig {
  readonly store: StoreConfig;
  /** `DASHBOARD_PORT`, or `PORT` where a platform sets only that; 0: a free one. Default 8090. */
  readonly port: number;
  /** `DASHBOARD_HOST`: the address to listen on. Default: every one, IPv6 and IPv4. */
  readonly host: string;
  /** `ADMIN_TOKEN`, at least 16 characters; undefined: contests can't be changed over HTTP. */
  readonly adminToken: string | undefined;
  /** `VOTE_URL`: where the audience reaches the edge, as `https://vote.example.org`; null: this host, at `votePort`. */
  readonly voteUrl: string | null;
  /** `VOTE_PORT`: the edge's port as the audience sees it, used where VOTE_URL is not set. Default 8080. */
  readonly votePort: number;
  /** `TICK_MS`: how often counts are read and sent to viewers. Default 250. */
  readonly tickMs: number;
  /** `MAX_VIEWERS`: event streams open at once. Default 5,000. */
  readonly maxViewers: number;
  /** `BENCH_RESULTS`: where the bench puts its reports. Default: `bench/results` of this checkout. */
  readonly benchResults: string;
}

/**
 * Reads the environment of a dashboard.
 *
 * @throws {ConfigError} at the first value that is not allowed
 */
export function readDashboardConfig(env: Env): DashboardConfig {
  const portName = !isSet(env, 'DASHBOARD_PORT') && isSet(env, 'PORT') ? 'PORT' : 'DASHBOARD_PORT';
  return {
    store: readStoreConfig(env),
    port: readInteger(env, portName, { fallback: 8090, min: 0, max: 65_535 }),
    host: readText(env, 'DASHBOARD_HOST', '::'),
    adminToken: readSecret(env, 'ADMIN_TOKEN'),
    voteUrl: readVoteUrl(env),
    votePort: readInteger(env, 'VOTE_PORT', { fallback: 8080, min: 1, max: 65_535 }),
    tickMs: readInteger(env, 'TICK_MS', { fallback: 250, min: 50, max: 10_000 }),
    maxViewers: readInteger(env, 'MAX_VIEWERS', { fallback: 5000, min: 1, max: 100_000 }),
    benchResults: readText(env, 'BENCH_RESULTS', fileURLToPath(new URL('../../bench/results', import.meta.url))),
  };
}

function readVoteUrl(env: Env): string | null {
  const value = readText(env, 'VOTE_URL', '');
  if (value === '') return null;
  if (!/^https?:\/\/[^/?#]+/.test(value) || !URL.canParse(value)) {
    throw ConfigError.invalid('VOTE_URL', value, 'an http or https address, as https://vote.example.org');
  }
  return value.replace(/\/+$/, '');
}
