import { fileURLToPath } from 'node:url';
import { Child } from '../../tests/support/child.ts';

/** For tests: an edge process. */
export interface EdgeProcess extends AsyncDisposable {
  readonly httpUrl: string;
  /** Everything it has printed. */
  readonly output: () => string;
  /** Sends SIGTERM; resolves to the exit code and the duration of the stop. */
  stop(): Promise<{ code: number | null; ms: number }>;
}

export type EdgeRuntime = 'node' | 'bun' | 'deno';

const installed = (command: string) => fileURLToPath(new URL(`../../node_modules/.bin/${command}`, import.meta.url));

const COMMANDS: Readonly<Record<EdgeRuntime, readonly [string, ...string[]]>> = {
  node: [process.execPath, 'edge/main.ts'],
  bun: [installed('bun'), 'edge/main.ts'],
  deno: [installed('deno'), 'run', '--allow-all', '--no-check', 'edge/main.ts'],
};
const START_MS = 20_000;

/**
 * Starts an edge on free ports and waits until it listens.
 *
 * @throws {Error} with its output if it exits before that
 */
export async function startEdgeProcess(runtime: EdgeRuntime, env: Record<string, string>): Promise<EdgeProcess> {
  const child = new Child({
    name: `edge on ${runtime}`,
    command: COMMANDS[runtime],
    env: { PORT: '0', ...env },
  });
  child.start();
  try {
    const line = await child.hasPrinted(/(listens on .*)\n/, START_MS);
    return {
      httpUrl: `http://127.0.0.1:${/localhost:(\d+)/.exec(line)?.[1]}`,
      output: () => child.output,
      async stop() {
        const began = performance.now();
        return { code: await child.stop('SIGTERM'), ms: performance.now() - began };
      },
      [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
    };
  } catch (error) {
    await child[Symbol.asyncDispose]();
    throw error;
  }
}
