/**
 * `npm run conformance [-- arguments of the runner]`: the Connect conformance suite against our gRPC transport. No case
 * is known to fail, and none may.
 */
import { spawnSync } from 'node:child_process';
import { ensureGoTool } from '../../tools/test/go-tool.ts';

const runner = ensureGoTool('connectconformance');
if (!runner.ok) {
  console.error(`The conformance suite can't run: ${runner.reason}`);
  process.exit(1);
}
const { status } = spawnSync(
  runner.program,
  [
    '--mode',
    'server',
    '--conf',
    'tests/conformance/config.yaml',
    ...process.argv.slice(2),
    '--',
    process.execPath,
    'tests/conformance/server.ts',
  ],
  { stdio: 'inherit' },
);
process.exitCode = status ?? 1;
