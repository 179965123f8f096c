import { parseArgs } from 'node:util';
import { readStoreConfig } from '../config/store-config.ts';
import { BatchDecoder } from '../consumer/workers/batch-decoder.ts';
import { openContestStore } from '../store/contests/contests.ts';
import { openSettings } from '../store/deployment/settings.ts';
import type { LogStore } from '../store/log/log-store.ts';
import { openLogStore } from '../store/log/open-log-store.ts';
import { readLedger } from '../store/monitoring/ledger.ts';
import { type RecountReport, recount } from '../store/recount/recount.ts';
import { openCommandRedis } from '../store/redis/command-redis.ts';
import type { Redis } from '../store/redis/redis.ts';
import { loadModule } from '../wasm/load-module.ts';
import { VoterKeys } from '../wasm/mac/voter-key.ts';

/** Exit code 0: the counts agree, or were replaced; 1: they differ; 2: the recount failed. */
const USAGE = `npm run recount -- <contest> | --all [--apply] [--wait <seconds>]

Counts a contest again from the log and compares it with the tally. Votes may arrive meanwhile. REDIS_URL, and
MONGODB_URL or DATA_DIR, select the stores; without REDIS_URL it is the Redis that npm start runs for DATA_DIR.
  --all     recount every contest, for instance after Redis lost its data
  --apply   replace the tally by the recount; rejected if the log lacks votes
  --wait    how long to wait for the log to catch up with the tally; 30 by default`;

const PROGRESS_MS = 2000;

process.exitCode = await main();

async function main(): Promise<number> {
  try {
    const { values, positionals } = parseArgs({
      options: {
        all: { type: 'boolean', default: false },
        apply: { type: 'boolean', default: false },
        wait: { type: 'string', default: '30' },
        help: { type: 'boolean', default: false },
      },
      allowPositionals: true,
    });
    const waitMs = Number(values.wait) * 1000;
    if (values.help || positionals.length !== (values.all ? 0 : 1) || !(waitMs >= 0)) {
      console.log(USAGE);
      return values.help ? 0 : 2;
    }
    const config = readStoreConfig(process.env);
    await using redis = await openCommandRedis(process.env, 'recount');
    const { partitions, secret } = await openSettings(redis, config);
    await using log = await openLogStore(config);
    const missing = await missingVotes(log, (await readLedger(redis, partitions)).votes.logged);
    if (missing !== undefined && values.apply) throw new Error(`${missing}\nNothing was replaced.`);

    const decoder = new BatchDecoder(new VoterKeys(loadModule('mac'), secret), { withAttributes: false });
    const decode = (bytes: Uint8Array) => {
      const batch = decoder.decode(bytes);
      return typeof batch === 'string' ? undefined : batch.votes;
    };
    const { votes: logged } = await log.totals();
    const { voteIdWindowHours } = config;
    let isDifferent = false;
    for (const contest of values.all ? await contestIds(redis, partitions) : positionals) {
      const onProgress = showProgress(contest, logged);
      const options = { redis, log, partitions, voteIdWindowHours, contest, apply: values.apply, waitMs };
      const report = await recount({ ...options, decode, onProgress });
      console.log(describe(report));
      isDifferent ||= report.isDifferent && !report.applied;
    }
    if (missing !== undefined) console.log(missing);
    return isDifferent ? 1 : 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 2;
  }
}

async function contestIds(redis: Redis, partitions: number): Promise<string[]> {
  await using contests = await openContestStore({ redis, partitions });
  return contests.list().map(({ id }) => id);
}

/** Prints progress to stderr. The time left is an upper bound: the log also has votes of other contests. */
function showProgress(contest: string, logged: number): (votes: number) => void {
  const began = performance.now();
  let printedAt = began;
  return (votes) => {
    const now = performance.now();
    if (now - printedAt < PROGRESS_MS || votes === 0) return;
    printedAt = now;
    const secondsLeft = Math.ceil(((now - began) / 1000) * (Math.max(0, logged - votes) / votes));
    const [done, all] = [votes, logged].map((count) => count.toLocaleString('en'));
    console.error(`${contest}: counted ${done} votes; the log has ${all} in all; at most ${secondsLeft} s left`);
  };
}

/** Undefined if the log has everything that was ever logged. A recount from another log would lose votes. */
async function missingVotes(log: LogStore, logged: number): Promise<string | undefined> {
  const { votes } = await log.totals();
  if (votes >= logged) return undefined;
  return (
    `This log holds ${votes} votes, and ${logged} were logged in this deployment: is it the right MONGODB_URL or DATA_DIR? ` +
    'Votes that LOG_TTL_DAYS has removed cannot be counted again.'
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
  if (votersDiffering > 0) lines.push(`The effective vote of ${votersDiffering} voters differs.`);
  lines.push(isDifferent ? 'They differ.' : 'They agree.');
  if (applied) lines.push('The recount is now the tally.');
  else if (isDifferent) lines.push('Repeat with --apply to replace the tally by the recount.');
  return lines.join('\n');
}
