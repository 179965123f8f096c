import { readStoreConfig } from '../../config/store-config.ts';
import { openContestStore } from '../../store/contests/contests.ts';
import { openSettings } from '../../store/deployment/settings.ts';
import { openLogStore } from '../../store/log/open-log-store.ts';
import { readLedger } from '../../store/monitoring/ledger.ts';
import { recount } from '../../store/recount/recount.ts';
import { openCommandRedis } from '../../store/redis/command-redis.ts';
import { defineCommand, EXIT, type ExitCode, UsageError } from '../command.ts';
import { describeMissingVotes, describeRecount } from '../recount/describe-recount.ts';

/** `votewire recount <contest>`: counts a contest again from the log and compares it with the tally. */
export const command = defineCommand({
  positionals: '<contest> | --all',
  description: `Counts a contest again from the log and compares it with the tally. REDIS_URL, and MONGODB_URL or DATA_DIR,
say where both are; without REDIS_URL it is the Redis that npm start runs for DATA_DIR.`,
  options: {
    all: { type: 'boolean', help: 'Every contest, one after the other' },
    apply: { type: 'boolean', help: 'Replace the tally with the recount; rejected if the log lacks votes' },
    wait: { type: 'string', value: '<seconds>', default: '30', help: 'How long to wait until no vote is in flight' },
    json: { type: 'boolean', help: 'Print the report as JSON, one a line' },
  },
  async run({ env, values, positionals, print, warn }) {
    const waitMs = Number(values.wait) * 1000;
    if (positionals.length !== (values.all ? 0 : 1)) throw new UsageError('Expected one contest, or --all');
    if (!(waitMs >= 0)) throw new UsageError(`--wait must be a number of seconds; got "${values.wait}"`);
    const config = readStoreConfig(env);
    await using redis = await openCommandRedis(env, 'recount');
    const { partitions } = await openSettings(redis, config);
    await using log = await openLogStore(config);
    const missing = await describeMissingVotes(log, (await readLedger(redis, partitions)).votes.logged);
    if (missing !== undefined && values.apply) throw new Error(`${missing}\nNothing was replaced.`);
    await using contests = await openContestStore({ redis, partitions });
    const chosen = values.all ? contests.list().map(({ id }) => id) : positionals;
    const { voteIdWindowHours } = config;
    const apply = values.apply ?? false;
    let code: ExitCode = EXIT.ok;
    for (const contest of chosen) {
      const report = await recount({ redis, log, partitions, voteIdWindowHours, contest, apply, waitMs });
      print(values.json ? JSON.stringify(report) : describeRecount(report));
      if (report.isDifferent && !report.applied) code = EXIT.negative;
    }
    if (missing !== undefined) warn(missing);
    return code;
  },
});
