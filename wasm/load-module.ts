import { readFileSync } from 'node:fs';

/**
 * Compiles a module built by `npm run build:wasm`. For Node, Bun and Deno; a worker gets its WebAssembly.Module from the
 * platform instead.
 */
export function loadModule(name: 'codec' | 'mac'): WebAssembly.Module {
  const path = new URL(`build/${name}.wasm`, import.meta.url);
  try {
    return new WebAssembly.Module(readFileSync(path));
  } catch (cause) {
    throw new Error(`Cannot load ${path.pathname}: build it with "npm run build:wasm"`, { cause });
  }
}
