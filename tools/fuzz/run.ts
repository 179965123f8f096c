/**
 * `npm run fuzz -- <target> [--minutes N] [--seed N]`: feeds random and damaged inputs to one target, or to `all` in
 * turn. A failing input is shrunk, printed and kept in tools/fuzz/seeds.
 */
import { parseArgs } from 'node:util';
import { fuzz, keepSeed, readSeeds } from './fuzz.ts';
import { TARGETS } from './targets.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { minutes: { type: 'string', default: '1' }, seed: { type: 'string', default: `${Date.now() % 2 ** 31}` } },
});
const [name = ''] = positionals;
const minutes = Number(values.minutes);
const seed = Number(values.seed);
const targets = Object.entries(TARGETS).filter(([target]) => name === 'all' || target === name);
if (targets.length === 0 || !(minutes > 0) || !Number.isSafeInteger(seed)) {
  console.error(`Usage: npm run fuzz -- <${Object.keys(TARGETS).join('|')}|all> [--minutes N] [--seed N]`);
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
