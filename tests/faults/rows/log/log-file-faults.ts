import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { freePort } from '../../../../supervisor/redis/redis-server.ts';
import { scriptChild } from '../../../support/child.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { readLog } from '../../check/logged.ts';
import { whileDrained } from '../../inject/while-drained.ts';
import { acknowledges } from '../../load/acknowledges.ts';
import type { Fault, FaultRun } from '../../matrix/fault.ts';
import { isReady } from '../../system/is-ready.ts';
import type { System } from '../../system/system.ts';

/** Time limit for a process to report that its file was replaced. */
const ALARM_MS = 10_000;
const fileOf = ({ dir }: System) => join(dir, 'votes.db');

/** Faults of the SQLite file that holds the log. */
export const logFileFaults: readonly Fault[] = [
  {
    id: 'F44a',
    title: "the log's SQLite file deleted while everything runs",
    system: { dashboard: true },
    async inflict(run) {
      const { system, load, lostLogs } = run;
      await whileDrained(system, async () => {
        await using log = await system.openLog();
        lostLogs.push(await readLog(log));
        for (const suffix of ['', '-wal', '-shm']) rmSync(fileOf(system) + suffix, { force: true });
      });
      await acknowledges(load, 300);
      await hasAlarm(run);
    },
  },
  {
    id: 'F44b',
    title: "the log's SQLite file replaced by a backup while everything runs",
    system: { dashboard: true },
    async inflict(run) {
      const { system, load } = run;
      await whileDrained(system, async () => {
        const backup = `${fileOf(system)}.backup`;
        copyLog(fileOf(system), backup);
        for (const suffix of ['-wal', '-shm']) rmSync(fileOf(system) + suffix, { force: true });
        renameSync(backup, fileOf(system));
      });
      await acknowledges(load, 300);
      await hasAlarm(run);
    },
  },
  {
    id: 'F45',
    title: 'an export of a damaged log fails and never looks complete',
    system: { dashboard: true },
    async inflict({ system, load, violation }) {
      await acknowledges(load, 1500);
      const dir = join(system.dir, 'damaged');
      mkdirSync(dir);
      copyLog(fileOf(system), join(dir, 'votes.db'));
      await damage(join(dir, 'votes.db'));
      const port = await freePort();
      const env = { ...system.env, DATA_DIR: dir, DASHBOARD_PORT: `${port}` };
      await using dashboard = scriptChild('dashboard of the damaged log', 'dashboard/server/main.ts', env);
      dashboard.start();
      await dashboard.until('it answers', () => isReady(`http://127.0.0.1:${port}`));
      for (const format of ['csv', 'ndjson']) {
        const outcome = await download(`http://127.0.0.1:${port}/api/logs/export?format=${format}`);
        if (outcome !== undefined) violation(`an export as ${format} looks complete: ${outcome}`);
      }
    },
  },
];

/** Checks that a consumer reports the file. */
async function hasAlarm({ system, violation }: FaultRun): Promise<void> {
  const isNamed = () => system.consumers.some(({ process }) => process.output.includes('votes.db'));
  const what = 'a consumer reports that its votes.db is another file now';
  await waitFor(isNamed, { what, timeoutMs: ALARM_MS }).catch((error: Error) => violation(error.message));
}

function copyLog(from: string, to: string): void {
  if (existsSync(to)) rmSync(to);
  using database = new DatabaseSync(from);
  database.exec(`VACUUM INTO '${to}'`);
}

/** Overwrites the second half of a file. */
async function damage(path: string): Promise<void> {
  await using file = await open(path, 'r+');
  const { size } = await file.stat();
  const half = Math.floor(size / 2);
  await file.write(Buffer.alloc(size - half, 0xff), 0, size - half, half);
}

/** Returns the download; undefined if the answer is an error or the transfer fails. */
async function download(url: string): Promise<string | undefined> {
  const response = await fetch(url);
  if (!response.ok) return undefined;
  try {
    return `${response.status} with ${(await response.text()).length} characters`;
  } catch {
    // The transfer broke off, so a client knows that it is incomplete.
    return undefined;
  }
}
