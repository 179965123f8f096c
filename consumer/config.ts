import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { ConfigError } from '../config/config-error.ts';
import { type Env, isSet, readInteger, readText } from '../config/env.ts';
import { readStoreConfig, type StoreConfig } from '../config/store-config.ts';
import { type BuildInfo, readBuildInfo } from '../telemetry/metrics/build-info.ts';
import { readTracingConfig, type TracingConfig } from '../telemetry/tracing-config.ts';

/** Configuration of a consumer process; see `readConsumerConfig` for defaults and ranges. */
export interface ConsumerConfig extends StoreConfig {
  /** Unique among all consumers. Default: host, process id and a random part. */
  readonly name: string;
  /** The groups that this process serves: `tally` counts, `log` logs. */
  readonly groups: readonly ('tally' | 'log')[];
  /** Milliseconds that an entry may stay pending before another consumer claims it. */
  readonly claimIdleMs: number;
  /** Number of failures after which an entry becomes a dead letter. */
  readonly maxDeliveries: number;
  /** Minimum milliseconds for which an entry stays in its stream. */
  readonly trimKeepMs: number;
  /** The `OTEL_` variables; undefined (default): tracing is off. */
  readonly tracing: TracingConfig | undefined;
  /** Build information for the metrics; the commit comes from `VOTEWIRE_COMMIT`. */
  readonly build: BuildInfo;
  /** Port of /healthz, /readyz and /metrics; 0: no server. */
  readonly port: number;
}

/**
 * Reads the configuration of a consumer process.
 *
 * @throws {ConfigError} for the first invalid value
 */
export function readConsumerConfig(env: Env): ConsumerConfig {
  return {
    ...readStoreConfig(env),
    name: readName(env),
    groups: readGroups(env),
    claimIdleMs: readInteger(env, 'CLAIM_IDLE_MS', { fallback: 5000, min: 100, max: 3_600_000 }),
    maxDeliveries: readInteger(env, 'MAX_DELIVERIES', { fallback: 5, min: 1, max: 1000 }),
    trimKeepMs: readInteger(env, 'TRIM_KEEP_MS', { fallback: 5000, min: 0, max: 86_400_000 }),
    tracing: readTracingConfig(env, 'votewire-consumer'),
    build: readBuildInfo(env),
    port: readInteger(env, 'CONSUMER_PORT', { fallback: 0, min: 0, max: 65_535 }),
  };
}

function readName(env: Env): string {
  const name = readText(env, 'CONSUMER_NAME', `${hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`);
  if (/^[\w.:-]{1,128}$/.test(name)) return name;
  throw ConfigError.invalid('CONSUMER_NAME', name, '1 to 128 letters, digits, ".", ":", "_" and "-"');
}

function readGroups(env: Env): ('tally' | 'log')[] {
  if (!isSet(env, 'CONSUMER_GROUPS')) return ['tally', 'log'];
  const text = readText(env, 'CONSUMER_GROUPS', '');
  const groups = [...new Set(text.split(',').map((part) => part.trim()))];
  const allowed = (['tally', 'log'] as const).filter((group) => groups.includes(group));
  if (allowed.length === groups.length) return allowed;
  throw ConfigError.invalid('CONSUMER_GROUPS', text, '"tally", "log" or "tally,log"');
}
