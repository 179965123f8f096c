import { readStoreConfig } from '../../../config/store-config.ts';
import { openContestStore } from '../../../store/contests/open-contest-store.ts';
import { openSettings } from '../../../store/deployment/settings.ts';
import { openLogStore } from '../../../store/log/open-log-store.ts';
import { readLedger } from '../../../store/monitoring/ledger.ts';
import { acceptLogLead } from '../../../store/monitoring/log-lead.ts';
import { recount } from '../../../store/recount/recount.ts';
import { openCommandRedis } from '../../../store/redis/command-redis.ts';
import type { Redis } from '../../../store/redis/redis.ts';
import { defineCommand, EXIT, UsageError } from '../../command.ts';
import { createDecoder } from '../../recount/create-decoder.ts';
import { describeMissingVotes, describeRecount } from '../../recount/describe-recount.ts';

const PROGRESS_MS = 2000;

/** `votewire recount <contest>`: counts a contest again from the log and compares it with the tally. */
export const command = defineCommand({
  positionals: '<contest>... | --all',
  description: `Counts a contest again from the log and compares it with the tally. It may run under load. REDIS_URL, and
MONGODB_URL or DATA_DIR, select the stores; the default is the Redis that npm start runs for DATA_DIR.`,
  options: {
    all: { type: 'boolean', help: 'Recount every contest, for example after Redis lost its data' },
    apply: { type: 'boolean', help: 'Replace the tally with the recount; rejected if the log lacks votes' },
    wait: {
      type: 'string',
      value: '<seconds>',
      default: '30',
      help: 'How long to wait for the log to catch up with the tally',
    },
    json: { type: 'boolean', help: 'Print the report as JSON' },
  },
  async run({ env, values, positionals, print, warn }) {
    const waitMs = Number(values.wait) * 1000;
    if ((values.all ?? false) === positionals.length > 0) throw new UsageError('Expected contests, or --all');
    if (!(waitMs >= 0)) throw new UsageError(`--wait must be a number of seconds; got "${values.wait}"`);
    const config = readStoreConfig(env);
    await using redis = await openCommandRedis(env, 'recount');
    const { partitions, secret } = await openSettings(redis, config);
    await using log = await openLogStore(config);
    const missing = await describeMissingVotes(log, (await readLedger(redis, partitions)).votes.logged);
    if (missing !== undefined && values.apply) throw new Error(`${missing}\nNothing was replaced.`);
    const { votes: logged } = await log.totals();
    const { voteIdWindowHours } = config;
    const apply = values.apply ?? false;
    const options = { redis, log, partitions, voteIdWindowHours, apply, waitMs, decode: createDecoder(secret) };
    let isDifferent = false;
    for (const contest of values.all ? await contestIds(redis, partitions) : positionals) {
      const onProgress = createProgress(contest, logged, warn);
      const report = await recount({ ...options, contest, onProgress });
      print(values.json ? JSON.stringify(report) : describeRecount(report));
      isDifferent ||= report.isDifferent && !report.applied;
    }
    if (values.all && apply) await acceptLogLead(redis, await readLedger(redis, partitions), log);
    if (missing !== undefined) warn(missing);
    return isDifferent ? EXIT.negative : EXIT.ok;
  },
});

async function contestIds(redis: Redis, partitions: number): Promise<string[]> {
  await using contests = await openContestStore({ redis, partitions });
  return contests.list().map(({ id }) => id);
}

/** The time left is an upper bound: the log also has votes of other contests. */
function createProgress(contest: string, logged: number, warn: (line: string) => void): (votes: number) => void {
  const began = performance.now();
  let printedAt = began;
  return (votes) => {
    const now = performance.now();
    if (now - printedAt < PROGRESS_MS || votes === 0) return;
    printedAt = now;
    const secondsLeft = Math.ceil(((now - began) / 1000) * (Math.max(0, logged - votes) / votes));
    const [done, all] = [votes, logged].map((count) => count.toLocaleString('en'));
    warn(`${contest}: counted ${done} votes; the log has ${all} in all; at most ${secondsLeft} s left`);
  };
}
