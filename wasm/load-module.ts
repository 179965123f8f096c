import { readFileSync } from 'node:fs';

/**
 * Compiles a module that `npm run build:wasm` made. For Node, Bun and Deno; a worker that has only `fetch` gets its
 * WebAssembly.Module from its platform and does not need this file.
 */
export function loadModule(name: 'codec' | 'mac'): WebAssembly.Module {
  const path = new URL(`build/${name}.wasm`, import.meta.url);
  try {
    return new WebAssembly.Module(readFileSync(path));
  } catch (cause) {
    throw new Error(`${path.pathname} can't be loaded; "npm run build:wasm" makes it`, { cause });
  }
}
