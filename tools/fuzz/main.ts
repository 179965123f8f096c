import { parseArgs } from 'node:util';
import { printHelp } from '../print-help.ts';
import { fuzz, keepSeed, readSeeds } from './fuzz.ts';
import { TARGETS } from './targets.ts';

printHelp(`npm run fuzz -- <target> [options]   random and damaged inputs for one target, or for all

A failing input is shrunk, printed and kept in tools/fuzz/seeds; a failing connection is repeated by its seed.

  --minutes N   per target; default 1
  --seed N      repeat the inputs of the run that printed N

Targets: ${[...Object.keys(TARGETS), 'all', 'http1', 'http2'].join(', ')}
Exit codes: 0 no failure, 1 a failure, 2 wrong arguments.`);

/** Targets of whole connections. Each fuzzer reads the same options and exits with its outcome. */
const CONNECTIONS: Readonly<Record<string, () => Promise<unknown>>> = {
  http1: () => import('../../edge/http1/fuzz/fuzz.ts'),
  http2: () => import('../../edge/http2/fuzz/fuzz.ts'),
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { minutes: { type: 'string', default: '1' }, seed: { type: 'string', default: `${Date.now() % 2 ** 31}` } },
});
const [name = ''] = positionals;
const minutes = Number(values.minutes);
const seed = Number(values.seed);
await CONNECTIONS[name]?.();
const targets = Object.entries(TARGETS).filter(([target]) => name === 'all' || target === name);
if (targets.length === 0 || !(minutes > 0) || !Number.isSafeInteger(seed)) {
  const names = [...Object.keys(TARGETS), 'all', ...Object.keys(CONNECTIONS)];
  console.error(`The target must be one of ${names.join(', ')}; got ${JSON.stringify(name)}`);
  console.error('npm run fuzz -- --help describes the options');
  process.exit(2);
}
for (const [target, definition] of targets) {
  const { runs, failure } = fuzz(definition, { ms: minutes * 60_000, seed, examples: readSeeds(target) });
  console.log(`${target}: ${runs} inputs, seed ${seed}: ${failure === undefined ? 'no failure' : 'FAILED'}`);
  if (failure === undefined) continue;
  console.error(`Input ${Buffer.from(failure.input).toString('hex')}`, failure.error);
  keepSeed(target, failure.input);
  process.exitCode = 1;
}
