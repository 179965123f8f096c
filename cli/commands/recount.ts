import { readStoreConfig } from '../../config/store-config.ts';
import { openSettings } from '../../store/deployment/settings.ts';
import type { LogStore } from '../../store/log/log-store.ts';
import { openLogStore } from '../../store/log/open-log-store.ts';
import { readLedger } from '../../store/monitoring/ledger.ts';
import { type RecountReport, recount } from '../../store/recount/recount.ts';
import { openCommandRedis } from '../../store/redis/command-redis.ts';
import { defineCommand, EXIT, UsageError } from '../command.ts';

/** `votewire recount <contest>`: counts a contest again from the log and compares it with the tally. */
export const command = defineCommand({
  positionals: '<contest>',
  description: `Counts a contest again from the log and compares it with the tally. REDIS_URL, and MONGODB_URL or DATA_DIR,
say where both are; without REDIS_URL it is the Redis that npm start runs for DATA_DIR.`,
  options: {
    apply: { type: 'boolean', help: 'Replace the tally with the recount; rejected if the log lacks votes' },
    wait: { type: 'string', value: '<seconds>', default: '30', help: 'How long to wait until no vote is in flight' },
    json: { type: 'boolean', help: 'Print the report as JSON' },
  },
  async run({ env, values, positionals: [contest, ...more], print, warn }) {
    const waitMs = Number(values.wait) * 1000;
    if (contest === undefined || more.length > 0) throw new UsageError('Expected one contest');
    if (!(waitMs >= 0)) throw new UsageError(`--wait must be a number of seconds; got "${values.wait}"`);
    const config = readStoreConfig(env);
    await using redis = await openCommandRedis(env, 'recount');
    const { partitions } = await openSettings(redis, config);
    await using log = await openLogStore(config);
    const missing = await missingVotes(log, (await readLedger(redis, partitions)).votes.logged);
    if (missing !== undefined && values.apply) throw new Error(`${missing}\nNothing was replaced.`);
    const { voteIdWindowHours } = config;
    const apply = values.apply ?? false;
    const report = await recount({ redis, log, partitions, voteIdWindowHours, contest, apply, waitMs });
    print(values.json ? JSON.stringify(report) : describe(report));
    if (missing !== undefined) warn(missing);
    return report.isDifferent && !report.applied ? EXIT.negative : EXIT.ok;
  },
});

/** A sentence if this log lacks votes that were logged: applying a recount of it would lose them. */
async function missingVotes(log: LogStore, logged: number): Promise<string | undefined> {
  const { votes } = await log.totals();
  if (votes >= logged) return undefined;
  return (
    `This log holds ${votes} votes, but ${logged} were logged in this deployment. Check MONGODB_URL or DATA_DIR. ` +
    'Votes removed by LOG_TTL_DAYS cannot be counted again.'
  );
}

function describe({ contest, rule, votes, rows, votersDiffering, isDifferent, applied }: RecountReport): string {
  const width = Math.max(...rows.map(({ name }) => name.length), 12);
  const cell = (value: number | string) => String(value).padStart(12);
  const lines = [
    `${contest} (${rule}): ${votes} votes in the log`,
    `${''.padEnd(width)}${cell('tally')}${cell('recount')}${cell('difference')}`,
  ];
  for (const { name, tally, recount: counted } of rows) {
    const difference = counted === tally ? '' : `${counted > tally ? '+' : ''}${counted - tally}`;
    lines.push(`${name.padEnd(width)}${cell(tally)}${cell(counted)}${cell(difference)}`.trimEnd());
  }
  if (votersDiffering > 0) lines.push(`${votersDiffering} voters have another effective vote than the recount found.`);
  lines.push(isDifferent ? 'They differ.' : 'They agree.');
  if (applied) lines.push('The recount is now the tally.');
  else if (isDifferent) lines.push('Repeat with --apply to replace the tally with the recount.');
  return lines.join('\n');
}
