/**
 * `npm run build:wasm`: compiles the modules of `assembly/` into `build/` if they are older than their sources.
 */
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const root = new URL('../', import.meta.url);

/** Each module and the start of the compiler's data, after the buffers that its source lays out. */
const modules = [
  { name: 'codec', memoryBase: 4 << 20 },
  { name: 'mac', memoryBase: 512 << 10 },
];

const FLAGS = ['--runtime', 'stub', '--noAssert', '-O3', '--converge', '--enable', 'simd'];

/** Modification time in milliseconds since 1970; 0 if the file is absent. */
function modified(path: string): number {
  return statSync(new URL(path, root), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function newestSource(): number {
  const sources = readdirSync(new URL('assembly/', root), { recursive: true }).map((name) =>
    modified(`assembly/${name}`),
  );
  return Math.max(modified('generate/build-wasm.ts'), ...sources);
}

async function compile(name: string, memoryBase: number): Promise<void> {
  const files = [`assembly/${name}.ts`, '--outFile', `build/${name}.wasm`, '--baseDir', fileURLToPath(root)];
  const { error, stderr } = await asc.main([...files, '--memoryBase', String(memoryBase), ...FLAGS]);
  const messages = stderr.toString().replaceAll('Last converge was suboptimal.\n', '');
  if (messages !== '') console.error(messages);
  // A warning is an error.
  if (error !== null || messages.includes('WARNING')) throw new Error(`Cannot compile ${name}`, { cause: error });
  console.log(`wasm/build/${name}.wasm: ${statSync(new URL(`build/${name}.wasm`, root)).size} bytes`);
}

mkdirSync(new URL('build/', root), { recursive: true });
const newest = newestSource();
for (const { name, memoryBase } of modules) {
  if (modified(`build/${name}.wasm`) < newest) await compile(name, memoryBase);
}
