import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { makeFolder } from '../../../config/files/make-folder.ts';
import { readStoreConfig } from '../../../config/store-config.ts';
import { openContestStore } from '../../../store/contests/open-contest-store.ts';
import { openSettings } from '../../../store/deployment/settings.ts';
import { openCommandRedis } from '../../../store/redis/command-redis.ts';
import { BACKUP_FILES } from '../../backup-files.ts';
import { defineCommand, EXIT, UsageError } from '../../command.ts';

/** `votewire backup <folder>`: writes everything that a restore needs, except a log in MongoDB. */
export const command = defineCommand({
  positionals: '<folder>',
  description: `Writes contests.json, the secret and, if the log is SQLite, a consistent copy of votes.db to a new folder. It
may run under load. A log in MongoDB is backed up with mongodump. Keep the folder private: it contains the secret.`,
  options: { json: { type: 'boolean', help: 'Print the result as JSON' } },
  async run({ env, values, positionals: [folder, ...more], print }) {
    if (folder === undefined || more.length > 0) throw new UsageError('Expected one folder');
    makeFolder(folder);
    if (readdirSync(folder).length > 0) throw new UsageError(`${folder} is not empty`);
    const config = readStoreConfig(env);
    await using redis = await openCommandRedis(env, 'backup');
    const { partitions, secret } = await openSettings(redis, config);
    await using contests = await openContestStore({ redis, partitions });
    const document = { partitions, ...contests.saved() };
    writeFileSync(join(folder, BACKUP_FILES.contests), `${JSON.stringify(document, undefined, 2)}\n`);
    writeFileSync(join(folder, BACKUP_FILES.secret), `${secret}\n`, { mode: 0o600 });
    if (config.mongodbUrl === undefined) {
      using database = new DatabaseSync(join(config.dataDir, BACKUP_FILES.log), { readOnly: true });
      await backup(database, join(folder, BACKUP_FILES.log));
    }
    const log = config.mongodbUrl === undefined ? 'sqlite' : 'mongodb';
    print(
      values.json
        ? JSON.stringify({ folder, contests: document.contests.length, log })
        : `${document.contests.length} contests, the secret and ${log === 'sqlite' ? 'the log' : 'no log (use mongodump)'} in ${folder}`,
    );
    return EXIT.ok;
  },
});
