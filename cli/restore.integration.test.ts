import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readStartConfig } from '../supervisor/config.ts';
import { type RunningSystem, startSystem } from '../supervisor/running-system.ts';
import { waitFor } from '../tests/support/wait-for.ts';

const ADMIN_TOKEN = 'token-of-the-restore-test';
const dataDir = mkdtempSync(join(tmpdir(), 'votewire-restore-'));
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

test('after a backup under load and a loss of Redis, a restore recovers every vote, and no voter counts twice', {
  timeout: 180_000,
}, async () => {
  const folder = join(dataDir, 'backup');
  let before: unknown;
  {
    await using system = await start();
    for (const transport of ['http', 'grpc', 'connect']) {
      const cast = await system.run('vote', 'cats-vs-dogs', 'cats', '--voter', transport, '-t', transport, '--wait');
      expect(cast, transport).toMatchObject({ code: 0, output: expect.stringMatching(/^counted \S+\n$/) });
      const rejected = await system.run('vote', 'cats-vs-dogs', 'birds', '-t', transport);
      expect(rejected, transport).toMatchObject({ code: 1, output: expect.stringMatching(/Unknown choice "birds"/) });
    }
    const load = system.run('vote', 'cats-vs-dogs', 'dogs', '--voter', 'many', '--count', '300', '--json');
    expect(await system.run('backup', folder)).toMatchObject({ code: 0 });
    expect(JSON.parse((await load).output)).toMatchObject({ ok: 300, failed: 0, unknown: 0 });
    await waitFor(async () => (await system.results()).total === 303, { timeoutMs: 30_000 });
    await waitFor(async () => (await system.run('recount', 'cats-vs-dogs')).code === 0, { timeoutMs: 30_000 });
    before = (await system.results()).options;
    await system.run('vote', 'bandas', 'la-tona', '--voter', 'too-early', '--wait');
    const reset = await system.run('contests', 'reset', 'bandas', '--confirm', 'bandas');
    expect(reset.code, reset.output).toBe(0);
    await waitFor(
      async () => (await system.run('vote', 'bandas', 'la-tona', '--voter', 'later', '--wait')).code === 0,
      { timeoutMs: 30_000 },
    );
    rmSync(folder, { recursive: true });
    expect(await system.run('backup', folder)).toMatchObject({ code: 0 });
  }
  rmSync(join(dataDir, 'redis'), { recursive: true });
  await using system = await start();
  expect((await system.results()).total).toBe(0);
  const restored = await system.run('restore', folder);
  expect(restored.output).toMatch(/^cats-vs-dogs: 303 votes counted, from 303 in the log$/m);
  expect(restored.output, 'votes from before a reset do not come back').toMatch(
    /^bandas: 1 votes counted, from 2 in the log$/m,
  );
  expect((await system.results()).options).toStrictEqual(before);
  // With the same secret, a voter who votes again changes the vote instead of adding one.
  await system.run('vote', 'cats-vs-dogs', 'dogs', '--voter', 'http', '--wait');
  expect(await system.results()).toMatchObject({ total: 303, options: [{ count: 2 }, { count: 301 }] });
  const { code, output } = await system.run('doctor');
  expect(code, output).toBe(0);
  expect(output).toMatch(/^ok +secret +has a copy outside Redis$/m);
});

interface Results {
  readonly total: number;
  readonly options: readonly { readonly id: string; readonly count: number }[];
}

async function start() {
  const own = { PORT: '0', DASHBOARD_PORT: '0', REDIS_PORT: '0', CONSUMERS: '1', ADMIN_TOKEN };
  const config = await readStartConfig({ PATH: process.env.PATH, ...own, DATA_DIR: dataDir });
  const system: RunningSystem = await startSystem(config, { onLine: () => undefined, onActivity: () => undefined });
  const env = {
    ...process.env,
    PORT: `${config.edge.port}`,
    DASHBOARD_PORT: `${config.dashboard.port}`,
    DATA_DIR: dataDir,
    REDIS_URL: '',
    ADMIN_TOKEN,
    SECRET: '',
  };
  const run = async (...args: string[]) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args], { env });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    const [code] = await once(child, 'close');
    return { code, output };
  };
  return {
    run,
    results: async () => JSON.parse((await run('results', 'cats-vs-dogs', '--json')).output) as Results,
    [Symbol.asyncDispose]: () => system.stop(),
  };
}
