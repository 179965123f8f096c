import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../supervisor/redis/redis-server.ts';
import { Child } from '../../tests/support/child.ts';

/** For tests: the built worker on one of its platforms. */
export interface WorkerProcess extends AsyncDisposable {
  readonly httpUrl: string;
  readonly pid: number;
  readonly output: () => string;
}

export type WorkerRuntime = 'workerd' | 'deno' | 'bun';

/** Node's modules that the worker uses (Buffer), and promises that resolve across requests. */
const COMPATIBILITY_DATE = '2026-01-01';

/**
 * Starts the worker of `dist` in front of `upstream` on a free port and waits until it answers.
 *
 * @param dist folder that `buildWorker` wrote
 * @throws {Error} with its output if it exits before that
 */
export async function startWorkerProcess(
  runtime: WorkerRuntime,
  dist: string,
  upstream: string,
): Promise<WorkerProcess> {
  const port = await freePort();
  const dir = await mkdtemp(join(tmpdir(), 'votewire-worker-'));
  const config = join(dir, 'worker.capnp');
  if (runtime === 'workerd') await writeFile(config, workerdConfig(port, upstream));
  // Runs the binary itself, because the package's script starts it as a child that would outlive a killed script.
  const { default: workerd } = createRequire(import.meta.url)('workerd') as { default: string };
  const script = join(dist, 'worker.js');
  const host = ['--host', '127.0.0.1', '--port', `${port}`];
  const commands: Record<WorkerRuntime, readonly [string, ...string[]]> = {
    workerd: [workerd, 'serve', `--import-path=${dist}`, config],
    deno: ['node_modules/.bin/deno', 'serve', '--allow-all', '--no-check', ...host, script],
    bun: ['node_modules/.bin/bun', script],
  };
  const env = { UPSTREAM: upstream, PORT: `${port}`, HOST: '127.0.0.1' };
  const child = new Child({ name: `worker on ${runtime}`, command: commands[runtime], env });
  child.start();
  const httpUrl = `http://127.0.0.1:${port}`;
  const stop = async () => {
    await child[Symbol.asyncDispose]();
    await rm(dir, { recursive: true, force: true });
  };
  try {
    await child.until('it answers', async () => (await fetch(`${httpUrl}/healthz`).catch(() => undefined))?.ok);
  } catch (error) {
    await stop();
    throw error;
  }
  return { httpUrl, pid: child.pid ?? 0, output: () => child.output, [Symbol.asyncDispose]: stop };
}

/** `/` in embed paths is the import path, the folder of the built worker. */
function workerdConfig(port: number, upstream: string): string {
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [ (name = "worker", worker = .worker), (name = "internet", network = (allow = ["private", "public"])) ],
  sockets = [ (name = "http", address = "127.0.0.1:${port}", http = (), service = "worker") ],
);
const worker :Workerd.Worker = (
  modules = [
    (name = "worker.js", esModule = embed "/worker.js"),
    (name = "codec.wasm", wasm = embed "/codec.wasm"),
  ],
  compatibilityDate = "${COMPATIBILITY_DATE}",
  compatibilityFlags = ["nodejs_compat"],
  bindings = [ (name = "UPSTREAM", text = "${upstream}") ],
);
`;
}
