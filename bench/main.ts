import { allBlocks } from './cells/blocks.ts';
import { readOptions, usage } from './commands/options.ts';
import { prepareBench } from './runner/prepare-bench.ts';

// Exit codes: 0 valid report, 1 error or invalid run, 2 wrong arguments, 3 too busy for a verdict.
const [command, ...rest] = process.argv.slice(2);
const blocks = allBlocks().map(({ name }) => name);

const code = await run();
// After Ctrl-C, a client may still be waiting to reconnect to a killed Redis.
process.exit(code);

async function run(): Promise<number> {
  if (process.argv.includes('--help')) {
    console.log(usage(blocks));
    return 0;
  }
  if (command === 'compare') return (await import('./commands/compare-command.ts')).compareCommand(rest);
  if (command === 'render') return (await import('./commands/render-command.ts')).renderCommand(rest);
  if (command === 'calibrate') return (await import('./commands/calibrate-command.ts')).calibrateCommand();
  if (command === 'reproduce') {
    prepareBench();
    return (await import('./commands/reproduce-command.ts')).reproduceCommand(rest);
  }
  const options = readOptions(process.argv.slice(2), blocks);
  if (typeof options === 'string') {
    console.error(`${options}\n\n${usage(blocks)}`);
    return 2;
  }
  prepareBench();
  return (await import('./commands/bench-command.ts')).benchCommand(options);
}
