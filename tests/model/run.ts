import { parseArgs } from 'node:util';
import { printHelp } from '../../tools/print-help.ts';
import { checkModel } from './check-model.ts';

printHelp(`npm run test:model [-- options]   checks random sequences of operations against a model of the tally

  --sequences N   default 10000
  --seed N        repeat the sequences of the run that printed N

Exit codes: 0 all agree, 1 a sequence fails.`);

const { values } = parseArgs({
  options: { sequences: { type: 'string', default: '10000' }, seed: { type: 'string' } },
});
const sequences = Number(values.sequences);
const seed = Number(values.seed ?? Date.now() % 1_000_000);
if (!Number.isInteger(sequences) || !Number.isInteger(seed)) throw new Error('--sequences and --seed must be integers');

console.log(`Seed ${seed}: npm run test:model -- --sequences ${sequences} --seed ${seed} repeats the sequences.`);
const began = performance.now();
const failure = await checkModel({ sequences, seed });
if (failure !== undefined) console.log(failure);
console.log(`${Math.round((performance.now() - began) / 1000)} s`);
console.log(failure === undefined ? `${sequences} passed, 0 failed` : '0 passed, 1 failed');
process.exitCode = failure === undefined ? 0 : 1;
