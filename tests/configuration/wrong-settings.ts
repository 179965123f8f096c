/** A process of the system, identified by the reader of its configuration. */
export type Part = 'edge' | 'consumer' | 'dashboard' | 'start';

const ALL: readonly Part[] = ['edge', 'consumer', 'dashboard', 'start'];

/** A setting that must stop the start. Values contain `hush` where a password would be. */
export interface WrongSetting {
  readonly variable: string;
  readonly env: Readonly<Record<string, string>>;
  readonly parts: readonly Part[];
}

function each(parts: readonly Part[], variable: string, ...values: string[]): WrongSetting[] {
  return values.map((value) => ({ variable, env: { [variable]: value }, parts }));
}

function integers(parts: readonly Part[], ...ranges: readonly (readonly [name: string, min: number, max: number])[]) {
  return ranges.flatMap(([name, min, max]) =>
    each(parts, name, `${min - 1}`, `${max + 1}`, 'ten', '1.5', '1e3', '0x10', ' 4'),
  );
}

const EDGE: readonly Part[] = ['edge', 'start'];
const CONSUMER: readonly Part[] = ['consumer', 'start'];
const DASHBOARD: readonly Part[] = ['dashboard', 'start'];
const TRACED: readonly Part[] = ['edge', 'consumer', 'start'];

/** With a collector, because most of these settings have no effect without one. */
function traced(variable: string, ...values: string[]): WrongSetting[] {
  return each(TRACED, variable, ...values).map((one) => ({
    ...one,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318', ...one.env },
  }));
}

/** At least one wrong value for every variable, and several for error-prone ones. */
export const WRONG_SETTINGS: readonly WrongSetting[] = [
  ...each(
    ALL,
    'REDIS_URL',
    'localhost',
    'http://a',
    'redis://',
    'redis://a:0',
    'redis://a:65536',
    'redis://a/db',
    'redis://host?db=3',
    'redis://host#3',
    'redis://a,,b',
    'redis://a/1,b',
    'redis://a,rediss://b',
    'redis://u:hush@a,redis://u:hush2@b',
    'redis://u:hu#sh@a',
    'redis://u:hu/sh@a',
    'redis://u:hu?sh@a',
    'redis://u:hush@[',
    'redis://u:hu,sh@a:x',
  ).filter(({ env }) => env.REDIS_URL !== 'localhost'),
  ...each(
    ALL,
    'MONGODB_URL',
    'postgres://u:hush@db',
    'mongodb://',
    'mongodb:/a',
    'db:27017',
    'mongodb://u:hu/sh@db',
    'mongodb://u:hu@sh@db',
    'mongodb://a/b c',
    'mongodb://a/b/c',
    'mongodb://a/b#c',
  ),
  ...each(ALL, 'DATA_DIR', 'a\nb', 'a\u0007', 'x'.repeat(1025)),
  ...each(ALL, 'VOTEWIRE_COMMIT', 'a\nb'),
  ...each(ALL, 'REDIS_EVICTION', 'ignore'),
  ...each(ALL, 'SECRET', 'hush', 'hush'.padEnd(15, 'x')),
  ...each(ALL, 'SECRET_FILE', '/no/such/file', '/', '/dev/null'),
  ...each(ALL, 'REDIS_URL_FILE', '/no/such/file'),
  ...each(ALL, 'MONGODB_URL_FILE', '/no/such/file'),
  { variable: 'SECRET', env: { SECRET: 'hush'.repeat(5), SECRET_FILE: '/etc/hostname' }, parts: ALL },
  ...integers(ALL, ['PARTITIONS', 1, 1024], ['LOG_TTL_DAYS', 0, 36_500], ['VOTE_ID_WINDOW_HOURS', 1, 720]),
  ...integers(
    EDGE,
    ['PORT', 0, 65_535],
    ['MAX_BACKLOG', 1, 100_000_000],
    ['MAX_BUFFER_MB', 1, 1024],
    ['WRITE_TIMEOUT_MS', 100, 10_000],
    ['WAIT_TIMEOUT_MS', 0, 60_000],
    ['MAX_WAITING', 0, 1_000_000],
    ['RATE_LIMIT_PER_SECOND', 0, 1_000_000],
    ['READ_LIMIT_PER_SECOND', 0, 1_000_000],
    ['NEW_VOTERS_PER_MINUTE', 0, 1_000_000],
    ['STOP_TIMEOUT_MS', 500, 60_000],
    ['MAX_CONNECTION_AGE_SECONDS', 0, 86_400],
  ),
  ...each(
    TRACED,
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    'localhost:4318',
    'grpc://localhost:4317',
    'http://u:hush@collector:4318',
    'http://collector:4318?token=hush',
    'collector',
  ),
  ...traced('OTEL_EXPORTER_OTLP_HEADERS', 'hush', 'authorization', 'a b=hush', 'authorization=%hush'),
  ...traced('OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc', 'http/json', 'http'),
  ...traced('OTEL_RESOURCE_ATTRIBUTES', 'production', 'a=%zz'),
  ...traced('OTEL_SERVICE_NAME', 'a\nb', 'x'.repeat(1025)),
  ...traced('OTEL_TRACES_SAMPLER', 'on', 'jaeger_remote', 'parentbased', 'ALWAYS_ON'),
  ...traced('OTEL_TRACES_SAMPLER_ARG', '0.5'),
  ...['1.5', '-1', 'half', '50%', '1e-3', '0,1'].flatMap((ratio) =>
    traced('OTEL_TRACES_SAMPLER_ARG', ratio).map((one) => ({
      ...one,
      env: { ...one.env, OTEL_TRACES_SAMPLER: 'parentbased_traceidratio' },
    })),
  ),
  ...each(TRACED, 'OTEL_TRACES_SAMPLER', 'always_on'),
  ...each(TRACED, 'OTEL_EXPORTER_OTLP_HEADERS', 'a=hush'),
  ...each(TRACED, 'OTEL_SDK_DISABLED', 'yes', 'on'),
  ...each(EDGE, 'MIN_REPLICAS', '1'),
  ...each(EDGE, 'RATE_LIMIT_BURST', '100'),
  { variable: 'MIN_REPLICAS', env: { MIN_REPLICAS: '6', DURABILITY: 'replica' }, parts: EDGE },
  { variable: 'RATE_LIMIT_BURST', env: { RATE_LIMIT_BURST: '0', RATE_LIMIT_PER_SECOND: '5' }, parts: EDGE },
  ...each(EDGE, 'CODEC', 'rust', 'WASM'),
  ...each(EDGE, 'DURABILITY', 'disk', 'Memory'),
  ...each(EDGE, 'INGRESS', 'both'),
  ...each(EDGE, 'TRUST_PROXY', 'yes', 'TRUE', '-1'),
  ...each(EDGE, 'PUBLIC_ORIGIN', 'vote.example.org', 'https://vote.example.org/x', 'https://vote.example.org/'),
  ...each(EDGE, 'EDGE_NAME', 'x'.repeat(65), 'ñ'),
  ...each(EDGE, 'HOST', 'a\nb'),
  ...each(EDGE, 'PRODUCER_KEYS', 'tv', 'tv:hush'),
  ...each(EDGE, 'VOTER_SECRETS', 'hush'),
  ...each(EDGE, 'METRICS_TOKEN', 'hush'),
  ...integers(
    CONSUMER,
    ['CONSUMER_PORT', 0, 65_535],
    ['CLAIM_IDLE_MS', 100, 3_600_000],
    ['MAX_DELIVERIES', 1, 1000],
    ['TRIM_KEEP_MS', 0, 86_400_000],
  ),
  ...each(CONSUMER, 'CONSUMER_NAME', 'a b', 'x'.repeat(129)),
  ...each(CONSUMER, 'CONSUMER_GROUPS', 'tally,loog', ',', 'Tally'),
  ...integers(
    DASHBOARD,
    ['DASHBOARD_PORT', 0, 65_535],
    ['VOTE_PORT', 1, 65_535],
    ['TICK_MS', 50, 10_000],
    ['MAX_VIEWERS', 1, 100_000],
    ['MAX_VIEWERS_PER_ADDRESS', 1, 100_000],
  ),
  ...each(DASHBOARD, 'DASHBOARD_HOST', 'a\nb'),
  ...each(DASHBOARD, 'EMBED_ORIGINS', '*', 'https://a.example/page', "'self'"),
  ...each(DASHBOARD, 'ADMIN_TOKEN', 'hush', 'a token with spaces'),
  ...each(DASHBOARD, 'ADMIN_TOKENS', 'eva', 'eva:hush', `eva:${'0'.repeat(64)}:bandas`),
  ...each(DASHBOARD, 'READ_TOKEN', 'hush'),
  ...each(DASHBOARD, 'TRUST_PROXY', 'yes', '-1'),
  ...each(DASHBOARD, 'VOTE_URL', 'vote.example.org', 'ftp://a', 'https://'),
  ...each(DASHBOARD, 'BENCH_RESULTS', 'a\nb'),
  ...integers(['start'], ['CONSUMERS', 1, 32], ['REDIS_PORT', 0, 65_535]),
  ...each(['start'], 'SEED', 'yes', 'no'),
];
