import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, assert, describe, expect, test } from 'vitest';
import { waitFor } from '../../tests/support/wait-for.ts';
import { backOffMs } from './back-off.ts';
import { Service } from './service.ts';

const dir = mkdtempSync(join(tmpdir(), 'votewire-part-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('a part of npm start', () => {
  test('that ends unasked is started again, and stays stopped once asked', async () => {
    const { part, lines } = makePart('console.log("up"); setInterval(() => {}, 1000);');
    expect(await part.start()).toStrictEqual({ ok: true });
    const before = part.pid;
    assert(before);
    part.kill();
    await waitFor(() => part.restarts === 1 && part.state.name === 'running');
    expect(part.pid).not.toBe(before);
    const last = part.pid;
    await part.stop(2000);
    expect(part.state.name).toBe('stopped');
    expect(isRunning(last)).toBe(false);
    expect(lines.filter((line) => line === 'up').length).toBe(2);
  });

  test('that never becomes ready has failed, with what it said', async () => {
    const { part } = makePart('console.error("PORT: \\"x\\" is not a port"); process.exit(1);');
    const outcome = await part.start();
    expect(outcome.ok).toBe(false);
    expect(outcome.ok ? '' : outcome.reason).toMatch(/PORT: "x" is not a port/);
    expect(part.state.name).toBe('failed');
    expect(part.restarts).toBe(0);
  });

  test('that ignores SIGTERM is killed when its time is over', async () => {
    const { part } = makePart('process.on("SIGTERM", () => {}); console.log("up"); setInterval(() => {}, 1000);');
    await part.start();
    const { pid } = part;
    const startedAt = Date.now();
    await part.stop(300);
    expect(Date.now() - startedAt).toBeLessThan(2000);
    expect(isRunning(pid)).toBe(false);
  });

  test('stops when its supervisor is gone', async () => {
    const child = script('console.log("up"); setInterval(() => {}, 1000);');
    const supervisor = script(
      `const { Service } = await import(${JSON.stringify(new URL('service.ts', import.meta.url).href)});
       let up = false;
       const part = new Service({ name: 'p', script: [${JSON.stringify(child)}], env: process.env,
         ready: async () => up, onLine: () => { up = true; } });
       await part.start();
       console.log('child ' + part.pid);
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

function makePart(source: string) {
  const lines: string[] = [];
  let up = 0;
  const part: Service = new Service({
    name: 'part',
    script: [script(source)],
    env: process.env,
    ready: async () => up > part.restarts,
    onLine: (line) => {
      lines.push(line);
      if (line === 'up') up += 1;
    },
  });
  return { part, lines };
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
    // No such process.
    return false;
  }
}
