import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { makeFolder } from '../../config/files/make-folder.ts';
import { forgetEmbeddedRedisUrl, keepEmbeddedRedisUrl, ownRedisDir } from '../../store/redis/embedded-redis-url.ts';
import { backOffMs } from '../service/back-off.ts';
import { freePort, type RedisServer, startRedisServer } from './redis-server.ts';

/** The Redis of `npm start`: its files are in `<dataDir>/redis`, and it is restarted on the same port if it exits. */
export interface EmbeddedRedis extends AsyncDisposable {
  readonly url: string;
  /** False between an exit and the end of the restart. */
  readonly up: boolean;
  /** Kills it without a restart. */
  kill(): void;
}

interface EmbeddedRedisOptions {
  readonly dataDir: string;
  /** Used if free, so that manually started processes find Redis at the default address. Default 6379; 0: any port. */
  readonly preferredPort?: number;
  readonly onLine: (line: string) => void;
  /** If aborted before Redis answers, for example while it loads its data, Redis is stopped and the start rejects. */
  readonly signal?: AbortSignal;
}

/** Content of `<dataDir>/redis/owner.json` while a supervisor runs a Redis there. */
interface Owner {
  readonly supervisor: number;
  readonly redis: number;
  readonly port: number;
}

/**
 * Starts Redis. First stops one that a killed supervisor left behind, because two servers must never share the files.
 *
 * @throws {Error} if another running supervisor uses the folder, or there is no redis-server; the reason of `signal` if
 * it aborts first
 */
export async function startEmbeddedRedis(options: EmbeddedRedisOptions): Promise<EmbeddedRedis> {
  makeFolder(ownRedisDir(options.dataDir));
  const dir = realpathSync(ownRedisDir(options.dataDir));
  const ownerFile = join(dir, 'owner.json');
  await endLeftOver(options, dir, ownerFile);

  const preferred = options.preferredPort ?? 6379;
  const port = preferred === 0 || (await answers(preferred)) ? await freePort() : preferred;
  const url = `redis://127.0.0.1:${port}`;
  const stopped = new AbortController();
  let server: RedisServer;
  let child: ChildProcess | undefined;
  let up = false;

  const onSpawn = (spawned: ChildProcess) => {
    child = spawned;
    // Written before Redis answers, because a supervisor that dies in between leaves this server behind as well.
    const owner: Owner = { supervisor: process.pid, redis: spawned.pid ?? 0, port };
    writeFileSync(ownerFile, JSON.stringify(owner));
  };
  const start = async (signal: AbortSignal | undefined) => {
    server = await startRedisServer({ dir, port, onSpawn, ...(signal && { signal }) });
    up = true;
  };
  // If the supervisor crashes, or exits on a second Ctrl-C during the start, Redis is killed as well.
  const killChild = () => child?.kill('SIGKILL');
  process.once('exit', killChild);
  try {
    await start(options.signal);
  } catch (error) {
    process.off('exit', killChild);
    rmSync(ownerFile, { force: true });
    throw error;
  }
  keepEmbeddedRedisUrl(options.dataDir, url);

  const keepUp = async () => {
    for (let failures = 0; ; ) {
      if (up) {
        const startedAt = Date.now();
        if (server.process.exitCode === null && server.process.signalCode === null) await once(server.process, 'exit');
        up = false;
        failures = Date.now() - startedAt > 30_000 ? 1 : failures + 1;
      } else failures += 1;
      if (stopped.signal.aborted) return;
      options.onLine(`redis-server exited; restarting on port ${port}`);
      await delay(backOffMs(failures));
      if (stopped.signal.aborted) return;
      await start(stopped.signal).catch((error: Error) => {
        if (!stopped.signal.aborted) options.onLine(error.message);
      });
    }
  };
  const keeping = keepUp();

  return {
    url,
    get up() {
      return up;
    },
    kill() {
      stopped.abort();
      killChild();
      forgetEmbeddedRedisUrl(options.dataDir);
    },
    async [Symbol.asyncDispose]() {
      stopped.abort();
      forgetEmbeddedRedisUrl(options.dataDir);
      await server[Symbol.asyncDispose]();
      await keeping;
      await server[Symbol.asyncDispose]();
      process.off('exit', killChild);
      rmSync(ownerFile, { force: true });
    },
  };
}

async function endLeftOver(options: EmbeddedRedisOptions, dir: string, ownerFile: string): Promise<void> {
  const owner = readOwner(ownerFile);
  // After a reboot the process id may belong to another program, so the server itself must confirm its folder.
  if (owner === undefined || (await directoryOf(owner.port)) !== dir) return;
  if (owner.supervisor !== process.pid && isRunning(owner.supervisor)) {
    throw new Error(
      `DATA_DIR=${options.dataDir} is in use by another npm start (process ${owner.supervisor}). ` +
        'Stop it, or set other values for DATA_DIR, PORT and DASHBOARD_PORT.',
    );
  }
  options.onLine(`Stopping the redis-server that an earlier run left behind (process ${owner.redis})`);
  process.kill(owner.redis, 'SIGTERM');
  for (const end = Date.now() + 10_000; isRunning(owner.redis); await delay(50)) {
    if (Date.now() > end) throw new Error(`The redis-server of an earlier run (process ${owner.redis}) does not stop.`);
  }
}

function readOwner(file: string): Owner | undefined {
  try {
    const owner: Owner = JSON.parse(readFileSync(file, 'utf8'));
    return owner.port > 0 && owner.redis > 1 ? owner : undefined;
  } catch {
    // The file is absent or was truncated by a crash, so no earlier run is known.
    return undefined;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    // Nothing listens on the port.
    return false;
  } finally {
    socket.destroy();
  }
}

/** The working directory of the Redis on this loopback port; undefined if none answers. */
async function directoryOf(port: number): Promise<string | undefined> {
  const socket = connect(port, '127.0.0.1').setTimeout(1000, () => socket.destroy(new Error('no answer')));
  try {
    socket.write('CONFIG GET dir\r\n');
    const [reply] = await once(socket, 'data');
    return /^\*2\r\n\$3\r\ndir\r\n\$\d+\r\n(.*)\r\n/.exec(String(reply))?.[1];
  } catch {
    // Nothing listens on the port, or it is not Redis.
    return undefined;
  } finally {
    socket.destroy();
  }
}
