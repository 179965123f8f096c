import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../redis/redis-server.ts';

/** MongoDB, or a server with its wire protocol, for tests and CI. */
export interface MongoServer extends AsyncDisposable {
  /** Without a database: each test adds its own `/name`. */
  readonly url: string;
  /**
   * `external`: the server at MONGODB_URL, which a test must not stop. `nx-27017` lacks views, TTL and binary filters.
   */
  readonly kind: 'external' | 'mongod' | 'nx-27017';
  /** Undefined if external. */
  readonly process: ChildProcess | undefined;
}

interface MongoServerOptions {
  /** Data folder; default: a temporary one, removed when the server stops. */
  readonly dir?: string;
  /** Default: a free port. */
  readonly port?: number;
  /** True: start a new server, which the test may kill, even if MONGODB_URL is set. */
  readonly own?: boolean;
}

export type MongoAttempt = { readonly server: MongoServer } | { readonly server: undefined; readonly reason: string };

/** Pinned, so that a new release does not change test results. */
const NX_27017 = 'nx-27017==0.8.1';
const NX_CACHE = join(import.meta.dirname, '../../node_modules/.cache/votewire/nx-27017-0.8.1');
const START_WAIT_MS = 20_000;

/**
 * Returns the server at MONGODB_URL, else starts `mongod` from PATH, else nx-27017 from PyPI, which is installed once
 * into a virtual environment below node_modules. If none is available, returns the reason, with which the test skips.
 *
 * @throws {Error} with CI=true if none is available: a skipped suite must not look like a passed one
 */
export async function startMongoServer(options: MongoServerOptions = {}): Promise<MongoAttempt> {
  const external = process.env.MONGODB_URL;
  if (external && !options.own) {
    const url = external.replace(/^(mongodb(?:\+srv)?:\/\/[^/]+).*$/, '$1');
    return { server: { url, kind: 'external', process: undefined, [Symbol.asyncDispose]: async () => undefined } };
  }
  const found = findServer();
  if ('reason' in found) {
    if (process.env.CI === 'true') throw new Error(`No MongoDB to test with: ${found.reason}`);
    return { server: undefined, reason: found.reason };
  }
  return { server: await start(found, options) };
}

/** Installs the server for `startMongoServer`, so that no test waits for it. Returns the reason if that fails. */
export function prepareMongoServer(): string | undefined {
  if (process.env.MONGODB_URL) return undefined;
  const found = findServer();
  return 'reason' in found ? found.reason : undefined;
}

interface Binary {
  readonly kind: 'mongod' | 'nx-27017';
  readonly command: string;
  readonly args: (port: number, dir: string) => string[];
}

function findServer(): Binary | { reason: string } {
  if (spawnSync('mongod', ['--version'], { stdio: 'ignore' }).status === 0) {
    const args = (port: number, dir: string) => ['--port', `${port}`, '--dbpath', dir, '--bind_ip', '127.0.0.1'];
    return { kind: 'mongod', command: 'mongod', args };
  }
  const reason = installNx27017();
  if (reason !== undefined) return { reason: `no mongod on PATH, and ${reason}` };
  const args = (port: number, dir: string) => [
    ...['-c', 'import sys; from nx_27017.nx_27017 import main; sys.exit(main())'],
    ...['--port', `${port}`, '--data-dir', dir, '--pid-file', join(dir, 'pid'), '--log-file', join(dir, 'log')],
  ];
  return { kind: 'nx-27017', command: join(NX_CACHE, 'bin/python'), args };
}

/** Returns undefined on success, else the reason. */
function installNx27017(): string | undefined {
  if (existsSync(NX_CACHE)) return undefined;
  // Installed into a temporary folder and then renamed, because several test files may install it at once.
  const making = `${NX_CACHE}-${process.pid}`;
  try {
    mkdirSync(making, { recursive: true });
    for (const [command, ...args] of [
      ['python3', '-m', 'venv', making],
      [join(making, 'bin/python'), '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', NX_27017],
    ] as const) {
      const run = spawnSync(command, args, { encoding: 'utf8' });
      if (run.status !== 0)
        return `${NX_27017} could not be installed: ${(run.error?.message ?? run.stderr).slice(-300)}`;
    }
    if (!existsSync(NX_CACHE)) renameSync(making, NX_CACHE);
    return undefined;
  } catch (error) {
    // Another process may have finished first.
    return existsSync(NX_CACHE) ? undefined : `${NX_27017} could not be installed: ${error}`;
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}

async function start(binary: Binary, options: MongoServerOptions): Promise<MongoServer> {
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'votewire-mongo-'));
  mkdirSync(dir, { recursive: true });
  const port = options.port ?? (await freePort());
  const child = spawn(binary.command, binary.args(port, dir), { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-4096);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const deadline = performance.now() + START_WAIT_MS;
  while (!(await accepts(port))) {
    if (hasEnded() || performance.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(
        `${binary.kind} on port ${port} did not start (${child.exitCode ?? child.signalCode}):\n${output}`,
      );
    }
    await delay(20);
  }
  return {
    url: `mongodb://127.0.0.1:${port}`,
    kind: binary.kind,
    process: child,
    async [Symbol.asyncDispose]() {
      if (!hasEnded()) {
        const exited = once(child, 'exit');
        child.kill('SIGCONT');
        // Temporary data needs no graceful stop, which nx-27017 takes long for.
        child.kill(options.dir === undefined ? 'SIGKILL' : 'SIGTERM');
        const forced = setTimeout(() => child.kill('SIGKILL'), 4000);
        await exited;
        clearTimeout(forced);
      }
      if (options.dir === undefined) rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    // The server does not accept connections yet.
    return false;
  } finally {
    socket.destroy();
  }
}
