import { hostname } from 'node:os';
import { ConfigError } from '../config/config-error.ts';
import { type Env, isSet, readChoice, readInteger, readSecret, readText, rejectWithoutEffect } from '../config/env.ts';
import { readStoreConfig, type StoreConfig } from '../config/store-config.ts';
import type { ProxyTrust } from '../http/request/client-address.ts';
import { readProxyTrust } from '../http/request/read-proxy-trust.ts';
import { type BuildInfo, readBuildInfo } from '../telemetry/metrics/build-info.ts';
import { readTracingConfig, type TracingConfig } from '../telemetry/tracing-config.ts';
import { type ProducerKey, parseProducerKeys } from './admission/producers/producer-keys.ts';

/** The configuration of an edge process. */
export interface EdgeConfig {
  readonly store: StoreConfig;
  /** `EDGE_NAME`, up to 64 characters: written into every entry and shown in the log. Default: host name and pid. */
  readonly name: string;
  /** `HOST` to listen on. Default: every interface. */
  readonly host: string;
  /** `PORT`, default 8080; 0: any free port. */
  readonly port: number;
  /** `CODEC`: `wasm` (default) or `typescript`, which takes two to three times the CPU time per vote of a batch. */
  readonly codecs: { readonly http: CodecName; readonly grpc: CodecName };
  /**
   * `INGRESS`: `direct` (default) answers votes in our own HTTP/1.1 and HTTP/2 servers; `framework` uses `node:http`,
   * `node:http2`, Hono and Connect's router, at several times the CPU time per vote.
   */
  readonly ingress: 'direct' | 'framework';
  readonly producer: ProducerConfig;
  /** `WAIT_TIMEOUT_MS`, 0 to 60,000: maximum time that a request with `wait` waits for its count. Default 5,000. */
  readonly waitTimeoutMs: number;
  /** `MAX_WAITING`, 0 to 1,000,000: clients waiting at once; further ones get a receipt. Default 10,000. */
  readonly maxWaiting: number;
  readonly rateLimit: RateLimitConfig;
  /**
   * `READ_LIMIT_PER_SECOND`, 0 to 1,000,000: reads and pages per address, twice as many at once. Default 0: no limit.
   */
  readonly readsPerSecond: number;
  /** `NEW_VOTERS_PER_MINUTE`, 0 to 1,000,000: voter cookies that one address gets. 0: no limit. Default 600. */
  readonly newVotersPerMinute: number;
  /**
   * `METRICS_TOKEN`, at least 16 characters: bearer token required for `GET /metrics`. Default: none; metrics are
   * public.
   */
  readonly metricsToken: string | undefined;
  /** `VOTER_SECRETS`, newest first: secrets that sign voter cookies. Default: the deployment's secret signs them. */
  readonly voterSecrets: readonly string[];
  /**
   * `PRODUCER_KEYS`: entries of `name:hash` or `name:hash:contest+contest`. If any is set, programs need one of these
   * keys to vote. Default: none; anyone who can reach the edge may vote as any voter.
   */
  readonly producerKeys: readonly ProducerKey[];
  /**
   * `TRUST_PROXY`: which proxies report the client's address in X-Forwarded-For: `true` (one), a number of them, or
   * their addresses and networks. Default `false`.
   */
  readonly trustProxy: ProxyTrust;
  /** `PUBLIC_ORIGIN`: the origin that browsers see, such as `https://vote.example.org`, if a proxy changes the Host. */
  readonly publicOrigin: string;
  /**
   * `MAX_CONNECTION_AGE_SECONDS`, 0 to 86,400: an HTTP/2 connection of this age, 10 % more or less, is asked to go away
   * once its calls are answered, so that clients with long-lived connections find new edges. Default 0: never.
   */
  readonly maxConnectionAgeMs: number;
  /** The `OTEL_` variables; undefined (default): tracing is off. */
  readonly tracing: TracingConfig | undefined;
  /** Version and commit (`VOTEWIRE_COMMIT`), for the metrics. */
  readonly build: BuildInfo;
  /** `STOP_TIMEOUT_MS`, 500 to 60,000: after this long a stopping process exits in any case. Default 7,000. */
  readonly stopTimeoutMs: number;
}

type CodecName = 'wasm' | 'typescript';

export interface ProducerConfig {
  /**
   * `DURABILITY`: what an acknowledgement guarantees. `memory` (default): Redis has the vote; its append-only file
   * follows as configured there. `replica`: `MIN_REPLICAS` replicas have it too. `fsync`: it is in the append-only file
   * on disk (Redis 7.2 or later).
   */
  readonly durability: 'memory' | 'replica' | 'fsync';
  /** `MIN_REPLICAS`, 1 to 5. Default 1. */
  readonly minReplicas: number;
  /** `MAX_BACKLOG`, 1 to 100,000,000 entries of one stream; beyond that the edge answers 503. Default 500,000. */
  readonly maxBacklog: number;
  /** `MAX_BUFFER_MB`, 1 to 1,024: buffers of votes waiting to be written or confirmed. Default 16. */
  readonly maxBufferBytes: number;
  /** `WRITE_TIMEOUT_MS`, 100 to 10,000: after this long an unanswered write is `unknown`. Default 900. */
  readonly writeTimeoutMs: number;
}

/** The quota of votes per client address, on each edge separately. */
export interface RateLimitConfig {
  /** `RATE_LIMIT_PER_SECOND`, 0 (default: no limit) to 1,000,000. */
  readonly perSecond: number;
  /** `RATE_LIMIT_BURST`, 1 to 2,000,000. Default: twice RATE_LIMIT_PER_SECOND. */
  readonly burst: number;
}

/**
 * Reads the edge's variables.
 *
 * @throws {ConfigError} for the first value that is not allowed
 */
export function readEdgeConfig(env: Env): EdgeConfig {
  const codec = readChoice(env, 'CODEC', 'wasm', ['wasm', 'typescript']);
  const perSecond = readInteger(env, 'RATE_LIMIT_PER_SECOND', { fallback: 0, min: 0, max: 1_000_000 });
  const durability = readChoice(env, 'DURABILITY', 'memory', ['memory', 'replica', 'fsync']);
  if (perSecond === 0) rejectWithoutEffect(env, 'RATE_LIMIT_BURST', 'without RATE_LIMIT_PER_SECOND');
  if (durability !== 'replica') rejectWithoutEffect(env, 'MIN_REPLICAS', 'without DURABILITY=replica');
  return {
    store: readStoreConfig(env),
    name: readName(env),
    host: readText(env, 'HOST', ''),
    port: readInteger(env, 'PORT', { fallback: 8080, min: 0, max: 65_535 }),
    codecs: { http: codec, grpc: codec },
    ingress: readChoice(env, 'INGRESS', 'direct', ['direct', 'framework']),
    producer: {
      durability,
      minReplicas: readInteger(env, 'MIN_REPLICAS', { fallback: 1, min: 1, max: 5 }),
      maxBacklog: readInteger(env, 'MAX_BACKLOG', { fallback: 500_000, min: 1, max: 100_000_000 }),
      maxBufferBytes: readInteger(env, 'MAX_BUFFER_MB', { fallback: 16, min: 1, max: 1024 }) * 1024 * 1024,
      writeTimeoutMs: readInteger(env, 'WRITE_TIMEOUT_MS', { fallback: 900, min: 100, max: 10_000 }),
    },
    waitTimeoutMs: readInteger(env, 'WAIT_TIMEOUT_MS', { fallback: 5000, min: 0, max: 60_000 }),
    maxWaiting: readInteger(env, 'MAX_WAITING', { fallback: 10_000, min: 0, max: 1_000_000 }),
    rateLimit: {
      perSecond,
      burst: readInteger(env, 'RATE_LIMIT_BURST', { fallback: Math.max(1, 2 * perSecond), min: 1, max: 2_000_000 }),
    },
    readsPerSecond: readInteger(env, 'READ_LIMIT_PER_SECOND', { fallback: 0, min: 0, max: 1_000_000 }),
    newVotersPerMinute: readInteger(env, 'NEW_VOTERS_PER_MINUTE', { fallback: 600, min: 0, max: 1_000_000 }),
    metricsToken: readSecret(env, 'METRICS_TOKEN'),
    voterSecrets: readVoterSecrets(env),
    producerKeys: isSet(env, 'PRODUCER_KEYS') ? parseProducerKeys(env.PRODUCER_KEYS ?? '') : [],
    trustProxy: readProxyTrust(env),
    publicOrigin: readOrigin(env),
    maxConnectionAgeMs: 1000 * readInteger(env, 'MAX_CONNECTION_AGE_SECONDS', { fallback: 0, min: 0, max: 86_400 }),
    tracing: readTracingConfig(env, 'votewire-edge'),
    build: readBuildInfo(env),
    stopTimeoutMs: readInteger(env, 'STOP_TIMEOUT_MS', { fallback: 7000, min: 500, max: 60_000 }),
  };
}

function readVoterSecrets(env: Env): readonly string[] {
  const secrets = isSet(env, 'VOTER_SECRETS') ? (env.VOTER_SECRETS ?? '').split(',').map((text) => text.trim()) : [];
  if (secrets.some(({ length }) => length < 16)) {
    throw ConfigError.invalid('VOTER_SECRETS', undefined, 'secrets of at least 16 characters, separated by commas');
  }
  return secrets;
}

function readOrigin(env: Env): string {
  const value = readText(env, 'PUBLIC_ORIGIN', '');
  if (value !== '' && !(URL.canParse(value) && new URL(value).origin === value)) {
    throw ConfigError.invalid('PUBLIC_ORIGIN', value, 'an origin as https://vote.example.org, without a path');
  }
  return value;
}

/** The default name is made ASCII and truncated to fit; a configured name must fit as it is. */
function readName(env: Env): string {
  const name = readText(env, 'EDGE_NAME', `${hostname()}-${process.pid}`.replaceAll(/[^\x20-\x7e]/g, '?').slice(-64));
  if (/^[\x20-\x7e]{1,64}$/.test(name)) return name;
  throw ConfigError.invalid('EDGE_NAME', name, '1 to 64 printable ASCII characters');
}
