import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';

const ROOT = join(import.meta.dirname, '../..');
const OUTPUT = join(ROOT, 'edge/worker/dist');

/** Bundles the edge worker into `edge/worker/dist`: worker.js, and codec.wasm beside it. Returns the folder. */
export async function buildWorker(): Promise<string> {
  await build({
    configFile: false,
    root: ROOT,
    logLevel: 'warn',
    publicDir: false,
    ssr: { noExternal: true },
    build: {
      ssr: 'edge/runtime/worker.ts',
      outDir: OUTPUT,
      emptyOutDir: true,
      minify: true,
      rollupOptions: { external: ['./codec.wasm'], output: { entryFileNames: 'worker.js', codeSplitting: false } },
    },
  });
  copyFileSync(join(ROOT, 'wasm/build/codec.wasm'), join(OUTPUT, 'codec.wasm'));
  return OUTPUT;
}

if (import.meta.main) console.log(await buildWorker());
