import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { keepDeploymentSecret } from '../../../config/secrets/deployment-secret.ts';
import { readStoreConfig } from '../../../config/store-config.ts';
import type { ContestStore } from '../../../store/contests/contest-store.ts';
import { openContestStore } from '../../../store/contests/open-contest-store.ts';
import { savedContestsSchema } from '../../../store/contests/saved-contests.ts';
import { ensurePartition } from '../../../store/deployment/partition.ts';
import { openSettings } from '../../../store/deployment/settings.ts';
import { openLogStore } from '../../../store/log/open-log-store.ts';
import { readLedger } from '../../../store/monitoring/ledger.ts';
import { recount } from '../../../store/recount/recount.ts';
import { openCommandRedis } from '../../../store/redis/command-redis.ts';
import { BACKUP_FILES } from '../../backup-files.ts';
import { defineCommand, EXIT, UsageError } from '../../command.ts';
import { createDecoder } from '../../recount/create-decoder.ts';
import { describeMissingVotes } from '../../recount/describe-recount.ts';

/** `votewire restore [folder]`: rebuilds tallies and voters from the log after Redis was lost. */
export const command = defineCommand({
  positionals: '[<folder>]',
  description: `Rebuilds the counts and the voters of every contest from the log, after Redis was lost. With a folder of votewire
backup it first creates the contests that Redis lacks, with their pauses and resets, and copies the secret and
votes.db to DATA_DIR if they are absent there. With the same secret, a voter who votes again changes the vote instead of
counting twice.`,
  options: {
    wait: { type: 'string', value: '<seconds>', default: '30', help: 'How long to wait until no vote is in flight' },
    json: { type: 'boolean', help: 'Print one JSON object per contest' },
  },
  async run({ env, values, positionals: [folder, ...more], print }) {
    if (more.length > 0) throw new UsageError('Expected at most one folder');
    const waitMs = Number(values.wait) * 1000;
    if (!(waitMs >= 0)) throw new UsageError(`--wait must be a number of seconds; got "${values.wait}"`);
    if (folder !== undefined) copyFiles(folder, readStoreConfig(env).dataDir);
    const config = readStoreConfig(env);
    await using redis = await openCommandRedis(env, 'restore');
    const { partitions, secret } = await openSettings(redis, config);
    for (let partition = 0; partition < partitions; partition++) await ensurePartition(redis, partition);
    await using contests = await openContestStore({ redis, partitions });
    if (folder !== undefined) await restoreContests(folder, contests);
    await using log = await openLogStore(config);
    const missing = await describeMissingVotes(log, (await readLedger(redis, partitions)).votes.logged);
    if (missing !== undefined) throw new Error(`${missing}\nNothing was restored.`);
    const { voteIdWindowHours } = config;
    const decode = createDecoder(secret);
    for (const { id: contest } of contests.list()) {
      const { votes, rows } = await recount({
        ...{ redis, log, partitions, voteIdWindowHours, contest, waitMs, decode, apply: true },
      });
      const options = rows.filter(({ name }) => !name.startsWith(':'));
      const counted = options.reduce((sum, { recount: count }) => sum + count, 0);
      if (values.json) print(JSON.stringify({ contest, votes, counted }));
      else print(`${contest}: ${counted} votes counted, from ${votes} in the log`);
    }
    return EXIT.ok;
  },
});

/** Never overwrites: the files in DATA_DIR may be newer than the backup. */
function copyFiles(folder: string, dataDir: string): void {
  const from = (name: string) => join(folder, name);
  if (!existsSync(from(BACKUP_FILES.contests))) throw new UsageError(`${folder} is not a folder of votewire backup`);
  keepDeploymentSecret(dataDir, readFileSync(from(BACKUP_FILES.secret), 'utf8').trim());
  const log = join(dataDir, BACKUP_FILES.log);
  if (existsSync(from(BACKUP_FILES.log)) && !existsSync(log)) copyFileSync(from(BACKUP_FILES.log), log);
}

/** Creates only missing contests: those in Redis may be newer than the backup. */
async function restoreContests(folder: string, contests: ContestStore): Promise<void> {
  const document: unknown = JSON.parse(readFileSync(join(folder, BACKUP_FILES.contests), 'utf8'));
  const saved = v.safeParse(savedContestsSchema, document);
  if (!saved.success) throw new Error(`Cannot restore ${BACKUP_FILES.contests}: ${v.summarize(saved.issues)}`);
  await contests.restoreSaved(saved.output);
}
