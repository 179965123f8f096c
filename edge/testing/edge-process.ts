import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** For tests: an edge process. */
export interface EdgeProcess extends AsyncDisposable {
  readonly httpUrl: string;
  readonly grpcUrl: string;
  readonly process: ChildProcess;
  /** Everything it has printed. */
  readonly output: () => string;
  /** Sends SIGTERM; resolves to the exit code and how long it took. */
  stop(): Promise<{ code: number | null; ms: number }>;
}

export type EdgeRuntime = 'node' | 'bun' | 'deno';

const COMMANDS: Readonly<Record<EdgeRuntime, readonly string[]>> = {
  node: ['node', 'edge/runtime/node.ts'],
  bun: ['bun', 'edge/runtime/bun.ts'],
  deno: ['deno', 'run', '--allow-all', '--no-check', 'edge/runtime/deno.ts'],
};
const ROOT = new URL('../../', import.meta.url).pathname;
const START_MS = 20_000;

/**
 * Starts an edge on free ports and waits until it listens.
 *
 * @throws {Error} with its output if it exits before that
 */
export async function startEdgeProcess(runtime: EdgeRuntime, env: Record<string, string>): Promise<EdgeProcess> {
  const [command = '', ...args] = COMMANDS[runtime];
  const child = spawn(runtime === 'node' ? process.execPath : `${ROOT}node_modules/.bin/${command}`, args, {
    cwd: ROOT,
    env: { ...process.env, PORT: '0', GRPC_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const listening = Promise.withResolvers<string>();
  const onData = (chunk: Buffer) => {
    output += chunk.toString();
    const line = /listens on .*/.exec(output);
    if (line !== null && output.includes('\n', line.index)) listening.resolve(line[0]);
  };
  child.stdout.on('data', onData);
  child.stderr.on('data', onData);
  child.once('exit', (code, signal) =>
    listening.reject(new Error(`The edge ended with ${code ?? signal}:\n${output}`)),
  );
  const late = setTimeout(() => listening.reject(new Error(`The edge does not listen:\n${output}`)), START_MS);
  const stop = async () => {
    const began = performance.now();
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    }
    return { code: child.exitCode, ms: performance.now() - began };
  };
  try {
    const ports = [...(await listening.promise).matchAll(/localhost:(\d+)/g)].map(([, port]) => port);
    return {
      httpUrl: `http://127.0.0.1:${ports[0]}`,
      grpcUrl: `http://127.0.0.1:${ports.at(-1)}`,
      process: child,
      output: () => output,
      stop,
      async [Symbol.asyncDispose]() {
        child.kill('SIGCONT');
        await stop();
      },
    };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  } finally {
    clearTimeout(late);
  }
}
