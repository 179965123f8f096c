/**
 * `npm run conformance [-- arguments of the runner]`: runs the Connect conformance suite against the gRPC transport.
 * There are no known failures.
 */
import { spawnSync } from 'node:child_process';
import { ensureGoTool } from '../../tools/test/go-tool.ts';

const runner = ensureGoTool('connectconformance');
if (!runner.ok) {
  console.error(`Cannot run the conformance suite: ${runner.reason}`);
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
