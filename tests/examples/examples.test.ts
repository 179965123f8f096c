import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EdgeProcess, startEdgeProcess } from '../../edge/testing/edge-process.ts';
import { type SuiteCounter, startSuiteCounter } from '../../edge/testing/suite-counter.ts';
import { freePort, type RedisServer, startRedisServer } from '../../supervisor/redis/redis-server.ts';
import { readShellBlocks, type ShellBlock } from '../docs/readme.ts';
import { lacks } from '../support/lacks.ts';
import { testNeeding } from '../support/needing.ts';
import { waitFor } from '../support/wait-for.ts';

const ROOT = join(import.meta.dirname, '../..');
/** The first run downloads packages and compiles. */
const BLOCK_MS = 300_000;
const NEEDS: Readonly<Record<string, () => string | false>> = { go: () => lacks('go'), python: () => lacks('python3') };

describe('client examples', () => {
  /** A copy of the files that the commands use, so that they leave nothing behind. */
  const checkout = mkdtempSync(join(tmpdir(), 'votewire-examples-'));
  let redis: RedisServer;
  let edge: EdgeProcess;
  let counter: SuiteCounter;

  beforeAll(async () => {
    cpSync(join(ROOT, 'examples'), join(checkout, 'examples'), { recursive: true, filter: isSource });
    for (const name of ['proto', 'buf.yaml', 'node_modules']) symlinkSync(join(ROOT, name), join(checkout, name));
    redis = await startRedisServer({ dir: join(checkout, 'redis'), port: await freePort() });
    edge = await startEdgeProcess('node', { REDIS_URL: redis.url, DATA_DIR: join(checkout, 'data') });
    counter = await startSuiteCounter(redis.url);
  });
  afterAll(async () => {
    await counter?.[Symbol.asyncDispose]();
    await edge?.[Symbol.asyncDispose]();
    await redis?.[Symbol.asyncDispose]();
    rmSync(checkout, { recursive: true, force: true });
  });

  const total = async () =>
    ((await (await fetch(`${edge.httpUrl}/v1/contests/cats-vs-dogs/results`)).json()) as { total: number }).total;

  for (const block of readShellBlocks(ROOT, 'examples/README.md').filter(({ checked }) => checked))
    testNeeding(missing(block))(block.text.trim().split('\n').at(-1) ?? '', { timeout: BLOCK_MS }, async () => {
      await waitFor(() => counter.ready);
      const before = await total();
      const { status, stdout, stderr } = run(block.text);
      expect(status, `${stdout}\n${stderr}`).toBe(0);
      // On a busy machine the vote may be counted after the edge has stopped waiting.
      expect(stdout).toMatch(/counted|queued/i);
      expect(stdout).toMatch(/total"?: ?\d+\b/);
      await waitFor(async () => (await total()) === before + 1);
      // The same voter changes the vote.
      const last = block.text.trim().split('\n').at(-1)?.replace(' cats ', ' dogs ') ?? '';
      const folder = /^cd (\S+)$/m.exec(block.text)?.[1] ?? '.';
      const again = run(`cd ${folder}\nsleep 1\n${last}`);
      expect(again.status, again.stderr).toBe(0);
      expect(await total()).toBe(before + 1);
    });

  test('an example reports an unknown contest and exits with an error', async () => {
    const { status, stderr, stdout } = run('bash examples/curl/vote.sh http://localhost:8080 no-such-contest cats ana');
    expect(status).not.toBe(0);
    expect(`${stdout}${stderr}`).toContain('unknown_contest');
  });

  function run(script: string) {
    const address = new URL(edge.httpUrl).host;
    const text = script.replaceAll('localhost:8080', address);
    const path = `${dirname(process.execPath)}:${process.env.PATH}`;
    return spawnSync('bash', ['-euo', 'pipefail', '-c', text], {
      cwd: checkout,
      env: { ...process.env, PATH: path },
      encoding: 'utf8',
      timeout: BLOCK_MS,
    });
  }
});

function missing({ needs }: ShellBlock): string | false {
  return needs.map((need) => NEEDS[need]?.() ?? `unknown need ${need}`).find(Boolean) ?? false;
}

/** Excludes files that a run in the repository itself generated. */
function isSource(path: string): boolean {
  return !/examples\/(go\/v1|python\/(\.venv|votewire|buf))$/.test(path);
}
