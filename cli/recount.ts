import { parseArgs } from 'node:util';
import { readStoreConfig } from '../config/store-config.ts';
import { openSettings } from '../store/deployment/settings.ts';
import type { LogStore } from '../store/log/log-store.ts';
import { openLogStore } from '../store/log/open-log-store.ts';
import { readLedger } from '../store/monitoring/ledger.ts';
import { type RecountReport, recount } from '../store/recount/recount.ts';
import { openCommandRedis } from '../store/redis/command-redis.ts';

/** `npm run recount -- <contest> [--apply]`. Exit code 0: all agree, or applied; 1: they differ; 2: it could not be done. */
const USAGE = `npm run recount -- <contest> [--apply] [--wait <seconds>]

Counts a contest again from the log and compares it with the tally. REDIS_URL, and MONGODB_URL or DATA_DIR, say where
both are; without REDIS_URL it is the Redis that npm start runs for DATA_DIR.
  --apply   put the recount in the place of the tally; refused where the log lacks votes
  --wait    how long to wait until no vote is on its way; 30 by default`;

process.exitCode = await main();

async function main(): Promise<number> {
  try {
    const { values, positionals } = parseArgs({
      options: {
        apply: { type: 'boolean', default: false },
        wait: { type: 'string', default: '30' },
        help: { type: 'boolean', default: false },
      },
      allowPositionals: true,
    });
    const [contest, ...more] = positionals;
    const waitMs = Number(values.wait) * 1000;
    if (values.help || contest === undefined || more.length > 0 || !(waitMs >= 0)) {
      console.log(USAGE);
      return values.help ? 0 : 2;
    }
    const config = readStoreConfig(process.env);
    await using redis = await openCommandRedis(process.env, 'recount');
    const { partitions } = await openSettings(redis, config);
    await using log = await openLogStore(config);
    const missing = await missingVotes(log, (await readLedger(redis, partitions)).votes.logged);
    if (missing !== undefined && values.apply) throw new Error(`${missing}\nNothing was replaced.`);
    const { voteIdWindowHours } = config;
    const report = await recount({ redis, log, partitions, voteIdWindowHours, contest, apply: values.apply, waitMs });
    console.log(describe(report));
    if (missing !== undefined) console.log(missing);
    return report.isDifferent && !report.applied ? 1 : 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 2;
  }
}

/** Undefined where the log holds all that was ever logged. Another one, put in the place of the tally, would lose votes. */
async function missingVotes(log: LogStore, logged: number): Promise<string | undefined> {
  const { votes } = await log.totals();
  if (votes >= logged) return undefined;
  return (
    `This log holds ${votes} votes, and ${logged} were logged in this deployment: is it the right MONGODB_URL or DATA_DIR? ` +
    'Votes that LOG_TTL_DAYS has removed can not be counted again.'
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
  if (votersDiffering > 0) lines.push(`${votersDiffering} voters have another vote standing than the recount found.`);
  lines.push(isDifferent ? 'They differ.' : 'They agree.');
  if (applied) lines.push('The recount is now the tally.');
  else if (isDifferent) lines.push('Repeat with --apply to put the recount in the place of the tally.');
  return lines.join('\n');
}
