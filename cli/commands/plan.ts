import { readFile } from 'node:fs/promises';
import type { CostModel } from '../../bench/scale/cost-model.ts';
import { defineCommand, EXIT, UsageError } from '../command.ts';

/** `votewire plan`: sizes a deployment for a load, from the costs that the bench measured. */
export const command = defineCommand({
  positionals: '',
  description: `Prints the processes, cores, memory, network and cost for a load, from the costs that npm run bench:scale
measured. Needs a checkout: images do not contain the bench.`,
  options: {
    'votes-per-second': { type: 'string', value: '<n>', help: 'The load; required' },
    voters: { type: 'string', value: '<n>', help: 'Voters of all open one-per-voter contests (default: 0)' },
    batch: { type: 'string', value: '<n>', help: 'Votes per request (default: 1)' },
    utilization: { type: 'string', value: '<share>', help: 'Share of a core that a process may use (default: 0.7)' },
    'cpu-hour-price': { type: 'string', value: '<usd>', help: 'Per vCPU-hour (default: 0.04)' },
    'memory-hour-price': { type: 'string', value: '<usd>', help: 'Per GiB-hour (default: 0.005)' },
    model: { type: 'string', value: '<file>', help: 'The measured costs (default: bench/scale/model.json)' },
    json: { type: 'boolean', help: 'Print the plan as JSON' },
  },
  async run({ values, positionals, print }) {
    if (positionals.length > 0) throw new UsageError(`Unexpected argument "${positionals[0]}"`);
    const { json, ...given } = values;
    const [{ planText, readPlanOptions }, { makePlan }] = await loadBench();
    const { input, file } = usageOf(() =>
      readPlanOptions(Object.entries(given).map(([name, value]) => `--${name}=${value}`)),
    );
    const model = JSON.parse(await readFile(file, 'utf8')) as CostModel;
    print(json ? JSON.stringify({ input, plan: makePlan(input, model) }) : planText(input, model));
    return EXIT.ok;
  },
});

/** Loads the bench on demand: the completion script loads every command, also in images, which lack the bench. */
async function loadBench() {
  try {
    return await Promise.all([import('../../bench/scale/plan-text.ts'), import('../../bench/scale/plan.ts')]);
  } catch (error) {
    throw new Error('The bench is not installed here; run this command in a checkout', { cause: error });
  }
}

function usageOf<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
