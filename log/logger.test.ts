import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

const source = `
  import { createLogger, logToStandardError } from ${JSON.stringify(new URL('logger.ts', import.meta.url).href)};
  const log = createLogger('edge', { name: 'edge-1' });
  log.info({ port: 8080 }, 'Listening');
  logToStandardError();
  log.child({ requestId: 'r-1' }).error({ error: new Error('broken') }, 'Internal error');
  process.exit(0);`;

test('lines are JSON with level, time, component and request id, and survive process.exit', () => {
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', source], { encoding: 'utf8' });
  const { time, ...first } = JSON.parse(run.stdout);
  expect(first).toStrictEqual({ level: 'info', component: 'edge', name: 'edge-1', port: 8080, message: 'Listening' });
  expect(Math.abs(Date.parse(time) - Date.now())).toBeLessThan(60_000);
  const second = JSON.parse(run.stderr);
  expect(second).toMatchObject({ level: 'error', component: 'edge', requestId: 'r-1', message: 'Internal error' });
  expect(second.error.stack).toMatch(/^Error: broken\n +at /);
});
