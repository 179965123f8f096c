import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, assert, describe, expect, test } from 'vitest';
import { waitFor } from '../../tests/support/wait-for.ts';
import { backOffMs } from './back-off.ts';
import { Service } from './service.ts';

const dir = mkdtempSync(join(tmpdir(), 'votewire-service-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('a service of npm start', () => {
  test('restarts after an unexpected exit, but not after a stop', async () => {
    const { service, lines } = makeService('console.log("up"); setInterval(() => {}, 1000);');
    expect(await service.start()).toStrictEqual({ ok: true });
    const before = service.pid;
    assert(before);
    service.kill();
    await waitFor(() => service.restarts === 1 && service.state.name === 'running');
    expect(service.pid).not.toBe(before);
    const last = service.pid;
    await service.stop(2000);
    expect(service.state.name).toBe('stopped');
    expect(isRunning(last)).toBe(false);
    expect(lines.filter((line) => line === 'up').length).toBe(2);
  });

  test('fails with its output if it never becomes ready', async () => {
    const { service } = makeService('console.error("PORT: \\"x\\" is not a port"); process.exit(1);');
    const outcome = await service.start();
    expect(outcome.ok).toBe(false);
    expect(outcome.ok ? '' : outcome.reason).toMatch(/PORT: "x" is not a port/);
    expect(service.state.name).toBe('failed');
    expect(service.restarts).toBe(0);
  });

  test('is killed after its timeout if it ignores SIGTERM', async () => {
    const { service } = makeService('process.on("SIGTERM", () => {}); console.log("up"); setInterval(() => {}, 1000);');
    await service.start();
    const { pid } = service;
    const startedAt = Date.now();
    await service.stop(300);
    expect(Date.now() - startedAt).toBeLessThan(2000);
    expect(isRunning(pid)).toBe(false);
  });

  test('stops when its supervisor dies', async () => {
    const child = script('console.log("up"); setInterval(() => {}, 1000);');
    const supervisor = script(
      `const { Service } = await import(${JSON.stringify(new URL('service.ts', import.meta.url).href)});
       let up = false;
       const service = new Service({ name: 'p', script: [${JSON.stringify(child)}], env: process.env,
         ready: async () => up, onLine: () => { up = true; } });
       await service.start();
       console.log('child ' + service.pid);
       process.kill(process.pid, 'SIGKILL');`,
    );
    const run = spawnSync(process.execPath, [supervisor], { encoding: 'utf8', timeout: 20_000 });
    const pid = Number(/child (\d+)/.exec(run.stdout)?.[1]);
    expect(pid, run.stderr).toBeGreaterThan(0);
    await waitFor(() => !isRunning(pid));
  });
});

test('back-off doubles up to five seconds', () => {
  expect([1, 2, 3, 6, 20].map(backOffMs)).toStrictEqual([200, 400, 800, 5000, 5000]);
});

function makeService(source: string) {
  const lines: string[] = [];
  let up = 0;
  const service: Service = new Service({
    name: 'service',
    script: [script(source)],
    env: process.env,
    ready: async () => up > service.restarts,
    onLine: (line) => {
      lines.push(line);
      if (line === 'up') up += 1;
    },
  });
  return { service, lines };
}

let scripts = 0;
function script(source: string): string {
  const path = join(dir, `script-${scripts++}.mjs`);
  writeFileSync(path, source);
  return path;
}

function isRunning(pid: number | undefined): boolean {
  assert(pid !== undefined);
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    // There is no such process.
    return false;
  }
}
