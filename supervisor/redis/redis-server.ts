import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { on, once } from 'node:events';
import { realpathSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { makeFolder } from '../../config/files/make-folder.ts';

/** A redis-server started by this process. */
export interface RedisServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly process: ChildProcess;
}

export interface RedisServerOptions {
  /** Folder of its append-only file; created if absent. */
  readonly dir: string;
  /** Default: a free port. */
  readonly port?: number;
  /** Additional arguments, such as `['--appendfsync', 'always']`. */
  readonly args?: readonly string[];
  /** A command that runs redis-server by exec, such as `['nice']`. Default: none. */
  readonly via?: readonly string[];
  /** Called as soon as the process exists, before it answers: loading much data may take minutes. */
  readonly onSpawn?: (process: ChildProcess) => void;
  /** If aborted before it answers, the server is stopped and the start rejects. */
  readonly signal?: AbortSignal;
}

/**
 * Starts a redis-server with an append-only file and waits until it answers.
 *
 * @throws {Error} if there is no redis-server, or it exits before it answers (with its output); the reason of `signal`
 * if it aborts first
 */
export async function startRedisServer(options: RedisServerOptions): Promise<RedisServer> {
  const binary = findRedisServer();
  makeFolder(options.dir);
  const port = options.port ?? (await freePort());
  const [command = binary, ...prefix] = options.via === undefined ? [] : [...options.via, binary];
  const child = spawn(
    command,
    [
      ...prefix,
      '--port',
      `${port}`,
      '--bind',
      '127.0.0.1',
      '--dir',
      options.dir,
      '--appendonly',
      'yes',
      '--save',
      '',
      ...(options.args ?? []),
    ],
    // Its own process group keeps Ctrl-C away from it: Redis must stop after the services.
    { stdio: ['ignore', 'pipe', 'pipe'], detached: true },
  );
  // Rejects if the machine is out of processes or memory.
  await once(child, 'spawn');
  options.onSpawn?.(child);
  let output = '';
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-4096);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  while (!(await isReady(port, realpathSync(options.dir)))) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`redis-server on port ${port} exited with ${child.exitCode ?? child.signalCode}:\n${output}`);
    }
    if (options.signal?.aborted) {
      await end(child);
      throw options.signal.reason;
    }
    await delay(20);
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    process: child,
    [Symbol.asyncDispose]: () => end(child),
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGCONT');
  child.kill('SIGTERM');
  const forced = setTimeout(() => child.kill('SIGKILL'), 4000);
  await exited;
  clearTimeout(forced);
}

/** The redis-server on PATH; installed with apt-get if this is root on Debian or Ubuntu. */
function findRedisServer(): string {
  const works = () => spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).status === 0;
  if (works()) return 'redis-server';
  if (process.getuid?.() === 0 && spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status === 0) {
    console.log('No redis-server on PATH; installing it with apt-get.');
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    spawnSync('apt-get', ['update', '-qq'], { stdio: 'ignore', env });
    // RUNLEVEL=1 keeps the package from starting a system service; this process starts its own server.
    spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'redis-server'], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...env, RUNLEVEL: '1' },
    });
    if (works()) return 'redis-server';
  }
  throw new Error(
    'No redis-server on PATH. Install one (Debian and Ubuntu: apt-get install redis-server; macOS: brew install redis), ' +
      'or set REDIS_URL to a running server, such as redis://127.0.0.1:6379.',
  );
}

/** True if a server accepts commands on this port and its folder is `dir`. */
async function isReady(port: number, dir: string): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  // A server that is shutting down may accept the connection and close it without a reply.
  const signal = AbortSignal.timeout(1000);
  try {
    await once(socket, 'connect', { signal });
    socket.write('CONFIG GET dir\r\nPING\r\n');
    let replies = '';
    for await (const [chunk] of on(socket, 'data', { signal, close: ['close'] })) {
      replies += chunk;
      // The second reply is a line: +PONG, or -LOADING.
      if (/\r\n[+-].*\r\n$/.test(replies)) break;
    }
    return replies.includes(`\r\n${dir}\r\n+PONG`);
  } catch {
    // The server does not accept connections yet.
    return false;
  } finally {
    socket.destroy();
  }
}

/** A loopback TCP port that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
