import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Env } from '../../config/env.ts';
import { readConsumerConfig } from '../../consumer/config.ts';
import { readDashboardConfig } from '../../dashboard/server/config.ts';
import { readEdgeConfig } from '../../edge/config.ts';
import { readStartConfig } from '../../supervisor/config.ts';
import { type Part, WRONG_SETTINGS } from './wrong-settings.ts';

const READERS: Readonly<Record<Part, (env: Env) => unknown>> = {
  edge: readEdgeConfig,
  consumer: readConsumerConfig,
  dashboard: readDashboardConfig,
  start: readStartConfig,
};
const SCRIPTS: Readonly<Record<Part, string>> = {
  edge: 'edge/main.ts',
  consumer: 'consumer/main.ts',
  dashboard: 'dashboard/server/main.ts',
  start: 'supervisor/start.ts',
};
const ROOT = join(import.meta.dirname, '../..');
/** Takes two seconds on a machine that is not busy with other tests. */
const EXIT_MS = 10_000;

describe('a wrong setting stops every process that reads it, with one sentence and no secret', () => {
  test('the table has at least 120 settings', () => expect(WRONG_SETTINGS.length).toBeGreaterThanOrEqual(120));

  for (const { variable, env, parts } of WRONG_SETTINGS)
    test(JSON.stringify(env).slice(0, 80), async () => {
      for (const part of parts) {
        const error = await failure(() => READERS[part](env));
        expect(error.name, part).toBe('ConfigError');
        expect(error.message, part).toMatch(new RegExp(`^${variable}\\b.* (must be|has no effect|are both set)`));
        expect(error.message, part).not.toMatch(/hush|hu.?sh|\n/);
      }
    });
});

describe('a process with a wrong setting exits with 2 and prints no stack', () => {
  const wrong: [Part, string, Record<string, string>][] = [
    ['edge', 'MAX_WAITING', { MAX_WAITING: 'x' }],
    ['edge', 'REDIS_URL', { REDIS_URL: 'redis://u:hu#sh@host' }],
    ['edge', 'SECRET_FILE', { SECRET_FILE: '/no/such/file' }],
    ['consumer', 'CONSUMER_GROUPS', { CONSUMER_GROUPS: 'x' }],
    ['consumer', 'MONGODB_URL', { MONGODB_URL: 'mongodb://u:hu/sh@db' }],
    ['dashboard', 'TICK_MS', { TICK_MS: '1' }],
    ['dashboard', 'REDIS_URL', { REDIS_URL: 'redis://host?db=3' }],
    ['start', 'PORT', { PORT: '99999' }],
    ['start', 'DATA_DIR', { DATA_DIR: '/proc/nowhere' }],
    ['start', 'DATA_DIR', { DATA_DIR: '/dev/null' }],
  ];
  for (const [part, variable, env] of wrong)
    test(`${part}: ${JSON.stringify(env)}`, async () => {
      const { code, output } = await run(part, env);
      expect(code, output).toBe(2);
      expect(output).toMatch(new RegExp(`${variable} must be `));
      expect(output).not.toMatch(/hush|hu.sh|\bat .*\.ts:\d/);
    });
});

async function failure(run: () => unknown): Promise<Error> {
  try {
    await run();
  } catch (error) {
    return error as Error;
  }
  throw new Error('The setting was accepted');
}

async function run(part: Part, env: Record<string, string>): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [SCRIPTS[part]], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, TMPDIR: process.env.TMPDIR, PORT: '0', ...env },
    timeout: EXIT_MS,
    killSignal: 'SIGKILL',
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const [code] = await once(child, 'close');
  return { code, output };
}
