import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { backOffMs } from './back-off.ts';
import { Service } from './service.ts';

const dir = mkdtempSync(join(tmpdir(), 'votewire-part-'));
after(() => rmSync(dir, { recursive: true, force: true }));

describe('a part of npm start', () => {
  test('that ends unasked is started again, and stays stopped once asked', async () => {
    const { part, lines } = makePart('console.log("up"); setInterval(() => {}, 1000);');
    assert.deepEqual(await part.start(), { ok: true });
    const before = part.pid;
    assert.ok(before);
    part.kill();
    await until(() => part.restarts === 1 && part.state.name === 'running');
    assert.notEqual(part.pid, before);
    const last = part.pid;
    await part.stop(2000);
    assert.equal(part.state.name, 'stopped');
    assert.equal(isRunning(last), false);
    assert.equal(lines.filter((line) => line === 'up').length, 2);
  });

  test('that never becomes ready has failed, with what it said', async () => {
    const { part } = makePart('console.error("PORT: \\"x\\" is not a port"); process.exit(1);');
    const outcome = await part.start();
    assert.equal(outcome.ok, false);
    assert.match(outcome.ok ? '' : outcome.reason, /PORT: "x" is not a port/);
    assert.equal(part.state.name, 'failed');
    assert.equal(part.restarts, 0);
  });

  test('that ignores SIGTERM is killed when its time is over', async () => {
    const { part } = makePart('process.on("SIGTERM", () => {}); console.log("up"); setInterval(() => {}, 1000);');
    await part.start();
    const { pid } = part;
    const startedAt = Date.now();
    await part.stop(300);
    assert.ok(Date.now() - startedAt < 2000);
    assert.equal(isRunning(pid), false);
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
    assert.ok(pid > 0, run.stderr);
    await until(() => !isRunning(pid));
  });
});

test('back-off doubles up to five seconds', () => {
  assert.deepEqual([1, 2, 3, 6, 20].map(backOffMs), [200, 400, 800, 5000, 5000]);
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
  assert.ok(pid !== undefined);
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    // No such process.
    return false;
  }
}

async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 10_000; !condition(); ) {
    assert.ok(Date.now() < end, 'waited 10 s');
    await delay(20);
  }
}
