import { spawnSync } from 'node:child_process';
import { ROOT } from './system/runtimes.ts';

/** Makes what the servers under test need: the WebAssembly module, and their modules as an image of them has them. */
export function prepareBench() {
  for (const [script, ...args] of [['prepare.ts', 'wasm'], ['warm-modules.ts']]) {
    spawnSync(process.execPath, [`${ROOT}/start/${script}`, ...args], { stdio: 'inherit' });
  }
}
