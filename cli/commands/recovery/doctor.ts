import { readStoreConfig, type StoreConfig } from '../../../config/store-config.ts';
import { findOlderProcesses } from '../../../store/deployment/raise-schema.ts';
import { REDIS_SCHEMA } from '../../../store/deployment/redis-schema.ts';
import { openPartitions } from '../../../store/deployment/settings.ts';
import { openLogStore } from '../../../store/log/open-log-store.ts';
import { readSystem } from '../../../store/monitoring/system.ts';
import { openCommandRedis } from '../../../store/redis/command-redis.ts';
import type { Redis } from '../../../store/redis/redis.ts';
import { readEdgeUrl } from '../../addresses.ts';
import { defineCommand, EXIT } from '../../command.ts';
import { checkRedis, error, type Finding, ok, warning } from '../../doctor/check-redis.ts';
import { request } from '../../request.ts';

/** Lag in entries from which counts are noticeably late. */
const MAX_LAG = 10_000;

/** `votewire doctor`: checks a deployment for risks. */
export const command = defineCommand({
  positionals: '',
  description: `Checks Redis (version, persistence, eviction, role, clock), the secret, the log, the processes and an edge,
and reports risks. Exit code 1: at least one error.`,
  options: {
    edge: { type: 'string', value: '<url>', help: 'Address of the edge; EDGE_URL, or http://127.0.0.1:PORT' },
    json: { type: 'boolean', help: 'Print one JSON object per finding' },
  },
  async run({ env, values, print }) {
    const config = readStoreConfig(env);
    await using redis = await openCommandRedis(env, 'doctor');
    const findings = [
      ...(await checkRedis(redis, Date.now())),
      checkSecret(config),
      await checkLog(config),
      ...(await checkSystem(redis, await openPartitions(redis, config))),
      checkVersions(await findOlderProcesses(redis, REDIS_SCHEMA)),
      await checkEdge(readEdgeUrl(env, values.edge)),
    ];
    for (const finding of findings) {
      const { level, subject, message } = finding;
      print(values.json ? JSON.stringify(finding) : `${level.padEnd(8)} ${subject.padEnd(12)} ${message}`);
    }
    return findings.some(({ level }) => level === 'error') ? EXIT.negative : EXIT.ok;
  },
});

function checkSecret({ secret }: StoreConfig): Finding {
  return secret === undefined
    ? warning('secret', 'is only in Redis; if Redis is lost, voters can vote again. Set SECRET or keep DATA_DIR/secret')
    : ok('secret', 'has a copy outside Redis');
}

async function checkLog(config: StoreConfig): Promise<Finding> {
  const name = config.mongodbUrl === undefined ? 'SQLite' : 'MongoDB';
  try {
    await using log = await openLogStore(config);
    const { votes } = await log.totals();
    return ok('log', `${name}, ${votes.toLocaleString('en')} votes`);
  } catch (cause) {
    return error('log', `${name} does not answer: ${cause instanceof Error ? cause.message : cause}`);
  }
}

async function checkSystem(redis: Redis, partitions: number): Promise<Finding[]> {
  const { edges, consumers, groups, ledger } = await readSystem(redis, partitions);
  const alive = (processes: readonly { readonly alive: boolean }[]) => processes.filter((one) => one.alive).length;
  const lag = Math.max(0, ...groups.map((group) => (group.lag ?? 0) + group.pending));
  const { waiting } = ledger.entries;
  return [
    alive(edges) > 0
      ? ok('edges', `${alive(edges)} running`)
      : error('edges', 'none is running: no votes are accepted'),
    alive(consumers) > 0
      ? ok('consumers', `${alive(consumers)} running`)
      : error('consumers', 'none is running: votes are stored but not counted'),
    lag < MAX_LAG ? ok('lag', `${lag} entries`) : warning('lag', `${lag} entries; add consumers`),
    waiting === 0 ? ok('dead letters', 'none') : warning('dead letters', `${waiting}; see votewire dead-letters list`),
  ];
}

function checkVersions(older: readonly string[]): Finding {
  if (older.length === 0) return ok('versions', 'no process is older than this Votewire');
  return warning(
    'versions',
    `${older.join(', ')} run an older version: contests cannot be paused, reset or deleted until they are upgraded`,
  );
}

async function checkEdge(url: string): Promise<Finding> {
  try {
    await request(`${url}/readyz`, { signal: AbortSignal.timeout(3000) });
    return ok('edge', `${url} accepts votes`);
  } catch (cause) {
    return error('edge', `${url}: ${cause instanceof Error ? cause.message : cause}`);
  }
}
