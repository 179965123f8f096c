import { fileURLToPath } from 'node:url';
import { ConfigError } from '../../config/config-error.ts';
import { type Env, isSet, readInteger, readText } from '../../config/env.ts';
import { readStoreConfig, type StoreConfig } from '../../config/store-config.ts';
import type { ProxyTrust } from '../../http/request/client-address.ts';
import { readProxyTrust } from '../../http/request/read-proxy-trust.ts';
import { type BuildInfo, readBuildInfo } from '../../telemetry/metrics/build-info.ts';
import { type AccessToken, readAccessTokens } from './access/access-tokens.ts';

/** The settings of a dashboard server. */
export interface DashboardConfig {
  readonly store: StoreConfig;
  /** `DASHBOARD_PORT`, or `PORT` if only that is set, as hosting platforms do; 0: any free port. Default 8090. */
  readonly port: number;
  /** `DASHBOARD_HOST`: the address to listen on. Default: all, IPv6 and IPv4. */
  readonly host: string;
  /**
   * `ADMIN_TOKEN` and `READ_TOKEN`, at least 16 characters each, and `ADMIN_TOKENS`, entries of `name:hash`. Without an
   * admin token contests cannot be changed over HTTP; without any token the log is open on this machine only.
   */
  readonly tokens: readonly AccessToken[];
  /** `TRUST_PROXY`: as on the edge. Default `false`. */
  readonly trustProxy: ProxyTrust;
  /**
   * `VOTE_URL`: the address of the edge for voters, such as `https://vote.example.org`; null: this host at `votePort`.
   */
  readonly voteUrl: string | null;
  /** `VOTE_PORT`: the edge's public port, used if VOTE_URL is not set. Default 8080. */
  readonly votePort: number;
  /** `EMBED_ORIGINS`: origins that may show `/embed/:contest` in a frame, separated by commas. Default: none. */
  readonly embedOrigins: readonly string[];
  /** `TICK_MS`: interval at which counts are read and sent to viewers. Default 250. */
  readonly tickMs: number;
  /** `MAX_VIEWERS`: event streams open at once. Default 5,000. */
  readonly maxViewers: number;
  /** `MAX_VIEWERS_PER_ADDRESS`: event streams per client address. Default 2,000, because an audience may share one. */
  readonly maxViewersPerAddress: number;
  /** `BENCH_RESULTS`: the folder of the bench's reports. Default: `bench/results` of this checkout. */
  readonly benchResults: string;
  /** Version and commit (`VOTEWIRE_COMMIT`), for the metrics. */
  readonly build: BuildInfo;
}

/**
 * Reads the environment of a dashboard.
 *
 * @throws {ConfigError} at the first invalid value
 */
export function readDashboardConfig(env: Env): DashboardConfig {
  const portName = !isSet(env, 'DASHBOARD_PORT') && isSet(env, 'PORT') ? 'PORT' : 'DASHBOARD_PORT';
  return {
    store: readStoreConfig(env),
    port: readInteger(env, portName, { fallback: 8090, min: 0, max: 65_535 }),
    host: readText(env, 'DASHBOARD_HOST', '::'),
    tokens: readAccessTokens(env),
    trustProxy: readProxyTrust(env),
    voteUrl: readVoteUrl(env),
    votePort: readInteger(env, 'VOTE_PORT', { fallback: 8080, min: 1, max: 65_535 }),
    embedOrigins: readEmbedOrigins(env),
    tickMs: readInteger(env, 'TICK_MS', { fallback: 250, min: 50, max: 10_000 }),
    maxViewers: readInteger(env, 'MAX_VIEWERS', { fallback: 5000, min: 1, max: 100_000 }),
    maxViewersPerAddress: readInteger(env, 'MAX_VIEWERS_PER_ADDRESS', { fallback: 2000, min: 1, max: 100_000 }),
    build: readBuildInfo(env),
    benchResults: readText(env, 'BENCH_RESULTS', fileURLToPath(new URL('../../bench/results', import.meta.url))),
  };
}

function readEmbedOrigins(env: Env): readonly string[] {
  const value = readText(env, 'EMBED_ORIGINS', '');
  const origins = value === '' ? [] : value.split(',').map((origin) => origin.trim());
  // Origins become part of a header, so only those that URL parsing leaves unchanged are accepted.
  if (
    origins.some((origin) => !/^https?:/.test(origin) || !URL.canParse(origin) || new URL(origin).origin !== origin)
  ) {
    const rule = 'origins separated by commas, such as https://www.example.org, without a path';
    throw ConfigError.invalid('EMBED_ORIGINS', value, rule);
  }
  return origins;
}

function readVoteUrl(env: Env): string | null {
  const value = readText(env, 'VOTE_URL', '');
  if (value === '') return null;
  if (!/^https?:\/\/[^/?#]+/.test(value) || !URL.canParse(value)) {
    throw ConfigError.invalid('VOTE_URL', value, 'an http or https address, such as https://vote.example.org');
  }
  return value.replace(/\/+$/, '');
}
