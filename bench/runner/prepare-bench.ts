import { spawnSync } from 'node:child_process';
import { ROOT } from '../targets/process/runtimes.ts';

/**
 * Builds what the servers under test need: the WebAssembly module, and their module cache as in the image.
 *
 * @throws {Error} if that fails, because another version would be measured
 */
export function prepareBench() {
  for (const [script, ...args] of [['prepare.ts', 'wasm'], ['warm-modules.ts']]) {
    const { status } = spawnSync(process.execPath, [`${ROOT}/supervisor/build/${script}`, ...args], {
      stdio: 'inherit',
    });
    if (status !== 0) throw new Error(`supervisor/build/${script} failed: nothing was measured`);
  }
}
