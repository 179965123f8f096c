import { spawnSync } from 'node:child_process';
import { ROOT } from '../targets/process/runtimes.ts';

/**
 * Makes what the servers under test need: the WebAssembly module, and their modules as an image of them has them.
 *
 * @throws {Error} where that fails: what would be measured then is another version
 */
export function prepareBench() {
  for (const [script, ...args] of [['prepare.ts', 'wasm'], ['warm-modules.ts']]) {
    const { status } = spawnSync(process.execPath, [`${ROOT}/supervisor/build/${script}`, ...args], {
      stdio: 'inherit',
    });
    if (status !== 0) throw new Error(`supervisor/build/${script} failed: nothing was measured`);
  }
}
