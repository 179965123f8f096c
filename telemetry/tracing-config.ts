import { ConfigError } from '../config/config-error.ts';
import { type Env, readChoice, readFileVariable, readFlag, readText, rejectWithoutEffect } from '../config/env.ts';
import { redactPasswords } from '../config/secrets/redact-passwords.ts';

/** Where traces are sent, and which requests are traced. The OpenTelemetry specification defines the variables. */
export interface TracingConfig {
  /** `OTEL_EXPORTER_OTLP_ENDPOINT`, with `/v1/traces` appended. */
  readonly url: string;
  /** `OTEL_EXPORTER_OTLP_HEADERS`: `name=value` pairs separated by commas, percent-encoded. Default: none. */
  readonly headers: Readonly<Record<string, string>>;
  /** `OTEL_SERVICE_NAME`. Default: `votewire-edge` or `votewire-consumer`. */
  readonly serviceName: string;
  /** `OTEL_RESOURCE_ATTRIBUTES`: `name=value` pairs as in the headers. Default: none. */
  readonly resourceAttributes: Readonly<Record<string, string>>;
  readonly sampler: SamplerConfig;
}

export interface SamplerConfig {
  /** Whether a caller's traceparent decides: its request is traced if and only if the traceparent is sampled. */
  readonly parentBased: boolean;
  /** The share of all other requests to trace, 0 to 1. */
  readonly ratio: number;
}

const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

/**
 * Reads the tracing variables; undefined: tracing is off, because OTEL_EXPORTER_OTLP_ENDPOINT is not set or
 * OTEL_SDK_DISABLED is true.
 *
 * @throws {ConfigError} for the first value that is not allowed
 */
export function readTracingConfig(env: Env, defaultServiceName: string): TracingConfig | undefined {
  const config = {
    url: readEndpoint(env),
    headers: readPairs('OTEL_EXPORTER_OTLP_HEADERS', readFileVariable(env, 'OTEL_EXPORTER_OTLP_HEADERS'), true),
    serviceName: readText(env, 'OTEL_SERVICE_NAME', defaultServiceName),
    resourceAttributes: readPairs('OTEL_RESOURCE_ATTRIBUTES', readText(env, 'OTEL_RESOURCE_ATTRIBUTES', ''), false),
    sampler: readSampler(env),
  };
  // Each protocol has its own port: a collector never answers HTTP on its gRPC port.
  readChoice(env, 'OTEL_EXPORTER_OTLP_PROTOCOL', 'http/protobuf', ['http/protobuf']);
  const { url } = config;
  if (readFlag(env, 'OTEL_SDK_DISABLED', false)) return undefined;
  if (url !== undefined) return { ...config, url };
  for (const name of ['OTEL_TRACES_SAMPLER', 'OTEL_TRACES_SAMPLER_ARG', 'OTEL_EXPORTER_OTLP_HEADERS']) {
    rejectWithoutEffect(env, name, 'without OTEL_EXPORTER_OTLP_ENDPOINT');
  }
  return undefined;
}

function readEndpoint(env: Env): string | undefined {
  const value = readText(env, 'OTEL_EXPORTER_OTLP_ENDPOINT', '');
  if (value === '') return undefined;
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || /[?#]/.test(value)) {
    throw ConfigError.invalid(
      'OTEL_EXPORTER_OTLP_ENDPOINT',
      redactPasswords(value),
      'http(s)://host[:port][/path] of an OTLP/HTTP collector, without credentials, query or fragment; put credentials ' +
        'into OTEL_EXPORTER_OTLP_HEADERS',
    );
  }
  return `${url.href.replace(/\/$/, '')}/v1/traces`;
}

function readSampler(env: Env): SamplerConfig {
  const sampler = readChoice(env, 'OTEL_TRACES_SAMPLER', 'parentbased_always_on', SAMPLERS);
  const parentBased = sampler.startsWith('parentbased_');
  if (sampler.endsWith('traceidratio')) return { parentBased, ratio: readRatio(env) };
  rejectWithoutEffect(env, 'OTEL_TRACES_SAMPLER_ARG', `with OTEL_TRACES_SAMPLER=${sampler}, which has no ratio`);
  return { parentBased, ratio: sampler.endsWith('always_on') ? 1 : 0 };
}

function readRatio(env: Env): number {
  const value = readText(env, 'OTEL_TRACES_SAMPLER_ARG', '1');
  const ratio = /^\d*\.?\d+$/.test(value) ? Number(value) : Number.NaN;
  if (ratio >= 0 && ratio <= 1) return ratio;
  throw ConfigError.invalid('OTEL_TRACES_SAMPLER_ARG', value, 'a number from 0 to 1: the share of requests to trace');
}

/** `a=1,b=2`, as in W3C Baggage. */
function readPairs(variable: string, text: string | undefined, isSecret: boolean): Readonly<Record<string, string>> {
  const pairs: Record<string, string> = {};
  for (const part of (text ?? '').split(',')) {
    if (part.trim() === '') continue;
    const [, name, value] = /^\s*([\w!#$%&'*+.^`|~/-]+)\s*=\s*(.*?)\s*$/.exec(part) ?? [];
    const decoded = value === undefined ? undefined : decode(value);
    if (name === undefined || decoded === undefined) {
      throw ConfigError.invalid(
        variable,
        isSecret ? undefined : text,
        'name=value pairs separated by commas, percent-encoded',
      );
    }
    pairs[name] = decoded;
  }
  return pairs;
}

function decode(value: string): string | undefined {
  try {
    return decodeURIComponent(value);
  } catch {
    // A `%` is not followed by two hexadecimal digits.
    return undefined;
  }
}
