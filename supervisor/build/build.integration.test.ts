import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { build } from './build.ts';

const root = mkdtempSync(join(tmpdir(), 'votewire-build-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
mkdirSync(join(root, 'wasm/assembly'), { recursive: true });
writeFileSync(join(root, 'wasm/assembly/codec.ts'), '');
const setScript = (script: string) =>
  writeFileSync(join(root, 'package.json'), JSON.stringify({ scripts: { 'build:wasm': script } }));

async function run(): Promise<number> {
  const lines: string[] = [];
  await build({ root, only: ['wasm'], onLine: (line) => lines.push(line) });
  return lines.length;
}

test('builds only a missing or outdated output', async () => {
  setScript('mkdir -p wasm/build && echo built >> wasm/build/codec.wasm');
  const builds = () => readFileSync(join(root, 'wasm/build/codec.wasm'), 'utf8').split('\n').length - 1;
  expect(await run()).toBe(1);
  expect(builds()).toBe(1);
  expect(await run()).toBe(0);
  const later = Date.now() / 1000 + 60;
  utimesSync(join(root, 'wasm/assembly/codec.ts'), later, later);
  expect(await run()).toBe(1);
  expect(builds()).toBe(2);
});

test('a failed build reports its output', async () => {
  setScript('echo "ERROR TS1005: oh no" >&2; exit 1');
  await expect(run).rejects.toThrow(
    /Building the WebAssembly codec failed \(npm run build:wasm\):\nERROR TS1005: oh no/,
  );
});
