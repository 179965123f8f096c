import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ADMIN_TOKEN, startDashboardFixture } from '../../dashboard/server/testing/dashboard-fixture.ts';
import { startEdgeProcess } from '../../edge/testing/edge-process.ts';
import { printHelp } from '../../tools/print-help.ts';
import { ensurePythonPackage } from '../../tools/test/python-packages.ts';
import { scriptChild } from '../support/child.ts';

printHelp(`npm run test:openapi [-- edge|dashboard] [--minutes N] [--seed N]   sends requests generated from the OpenAPI documents

Exit codes: 0 every answer is as documented, 1 otherwise, 2 Schemathesis cannot be installed.`);

/**
 * `npm run test:openapi`: Schemathesis generates valid and invalid requests from both OpenAPI documents, for three
 * minutes each, and compares the answers with the documents: statuses, media types, headers and schemas, methods and
 * credentials. No answer may be a server error.
 */
const SCHEMATHESIS = 'schemathesis==4.32.5';
const READ_TOKEN = 'a-reader-of-these-tests';
/** Endless streams, which have separate tests. */
const ENDLESS = '^watch';

/**
 * Rules that no schema can express: a vote depends on the contests, a closing time on the clock, one time on another, a
 * confirmation on the path, an entity tag on the version. 413 and 412 reject requests like 400.
 */
const CONFIG = `
hooks = "${join(import.meta.dirname, 'client_addresses.py')}"
[auth.openapi]
adminToken = { bearer = "${ADMIN_TOKEN}" }
readToken = { bearer = "${READ_TOKEN}" }
[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 409, 412, 413, 415, 422, 429]
[[operations]]
include-operation-id = ["castVotes"]
checks.positive_data_acceptance.expected-statuses = ["2xx", 400, 404, 409, 422]
[[operations]]
include-operation-id = ["listVotes", "exportVotes", "countVotes", "watchVotes"]
checks.positive_data_acceptance.expected-statuses = ["2xx", 401, 403, 404, 422]
[[operations]]
include-operation-id = ["createContest", "changeContest", "resetContest", "deleteContest"]
checks.positive_data_acceptance.expected-statuses = ["2xx", 401, 403, 404, 409, 412, 422]
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { minutes: { type: 'string', default: '3' }, seed: { type: 'string', default: '1' } },
});
const wanted = (name: string) => positionals.length === 0 || positionals.includes(name);

const schemathesis = ensurePythonPackage(SCHEMATHESIS);
if (!schemathesis.ok) {
  console.error(`Cannot install Schemathesis: ${schemathesis.reason}`);
  process.exit(2);
}
const program = join(schemathesis.bin, 'schemathesis');

await using resources = new AsyncDisposableStack();
const dir = await mkdtemp(join(tmpdir(), 'votewire-openapi-'));
resources.defer(() => rm(dir, { recursive: true, force: true }));
// In this process: its fixture starts no bench.
const dashboard = resources.use(await startDashboardFixture({ READ_TOKEN, TRUST_PROXY: '1' }));
const env = { REDIS_URL: dashboard.redisServer.url, DATA_DIR: dashboard.dir };
const edge = resources.use(await startEdgeProcess('node', env));
const consumer = resources.use(scriptChild('consumer', 'consumer/main.ts', { ...env, CONSUMER_PORT: '0' }));
consumer.start();

const verdicts: string[] = [];
if (wanted('edge')) await check('edge', edge.httpUrl, []);
if (wanted('dashboard')) {
  await check('dashboard', dashboard.url, ['--exclude-operation-id-regex', ENDLESS]);
}
console.log(verdicts.join('\n'));
process.exitCode = verdicts.every((verdict) => verdict.endsWith('as documented')) ? 0 : 1;

async function check(name: string, url: string, options: readonly string[]): Promise<void> {
  const config = join(dir, `${name}.toml`);
  await writeFile(config, CONFIG);
  const seconds = Math.max(1, Math.round(Number(values.minutes) * 60));
  const args = [
    ...['--config-file', config, 'run', `${url}/openapi.json`, '--seed', values.seed],
    ...['--max-time', `${seconds}`, '--checks', 'all', '--request-timeout', '10', '--no-color', ...options],
  ];
  const child = spawn(program, args, { cwd: dir, stdio: ['ignore', 'inherit', 'inherit'] });
  const [code] = (await once(child, 'exit')) as [number | null];
  const ready = await fetch(`${url}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  );
  verdicts.push(
    `${name}: ${code === 0 && ready ? 'every answer is as documented' : `exit code ${code}, ${ready ? '' : 'not '}ready`}`,
  );
}
