import { execFile } from 'node:child_process';
import process from 'node:process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { Echo } from './testing/echo.ts';
import { openServer } from './testing/open-server.ts';

const run = promisify(execFile);
/** `go install github.com/summerwind/h2spec/cmd/h2spec@latest` */
const h2spec = process.env.H2SPEC ?? 'h2spec';
const missing = await run(h2spec, ['--version']).then(
  () => false,
  () => true,
);

/** Later answers than those of a real server: the test of the limit of streams needs some that are open. */
const ANSWER_MS = 200;

test.skipIf(missing)(
  'passes h2spec, which is skipped where neither H2SPEC nor PATH has it',
  { timeout: 120_000 },
  async () => {
    await using server = await openServer({ onRequest: (stream) => new Echo(stream, ANSWER_MS) });
    const { stdout } = await run(h2spec, ['-h', '127.0.0.1', '-p', `${server.port}`, '-o', '3'], { timeout: 110_000 });
    expect(stdout).toMatch(/\b145 tests, 145 passed, 0 skipped, 0 failed/);
  },
);
