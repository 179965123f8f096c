import { readOptions, usage } from './commands/options.ts';
import { prepareBench } from './runner/prepare-bench.ts';
import { QUESTIONS } from './runner/scenarios.ts';

// Exit codes: 0 valid report, 1 error or invalid run, 2 wrong arguments.
const [command, ...rest] = process.argv.slice(2);
const scenarios = Object.keys(QUESTIONS);

if (process.argv.includes('--help')) console.log(usage(scenarios));
else if (command === 'compare') {
  const { compareCommand } = await import('./commands/compare-command.ts');
  process.exitCode = await compareCommand(rest);
} else if (command === 'render') {
  const { renderCommand } = await import('./commands/render-command.ts');
  process.exitCode = await renderCommand(rest);
} else if (command === 'calibrate') {
  const { calibrateCommand } = await import('./commands/calibrate-command.ts');
  process.exitCode = await calibrateCommand();
} else {
  const options = readOptions(process.argv.slice(2), scenarios);
  if (typeof options === 'string') {
    console.error(`${options}\n\n${usage(scenarios)}`);
    process.exitCode = 2;
  } else {
    prepareBench();
    const { benchCommand } = await import('./commands/bench-command.ts');
    process.exitCode = await benchCommand(options);
  }
}
