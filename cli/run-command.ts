import { parseArgs } from 'node:util';
import { ConfigError } from '../config/config-error.ts';
import { type Command, type CommandContext, EXIT, type ExitCode, UsageError } from './command.ts';
import { helpOf, helpOverview, usageOf } from './help.ts';
import { RejectedRequest } from './request.ts';

/** Runs one command line and returns its exit code. Never throws: failures are printed to standard error. */
export async function runCommand(args: readonly string[], context: CommandContext): Promise<ExitCode> {
  const [name, ...rest] = args;
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    context.print(helpOverview(context.commands));
    return name === undefined ? EXIT.usage : EXIT.ok;
  }
  const entry = Object.hasOwn(context.commands, name) ? context.commands[name] : undefined;
  if (entry === undefined) {
    context.warn(`Unknown command "${name}"\n\n${helpOverview(context.commands)}`);
    return EXIT.usage;
  }
  const { command } = await entry.load();
  try {
    return await parseAndRun(name, command, rest, context);
  } catch (error) {
    return report(error, { name, command, context });
  }
}

async function parseAndRun(name: string, command: Command, args: string[], context: CommandContext): Promise<ExitCode> {
  if (args.includes('--help') || args.includes('-h')) {
    context.print(helpOf(name, command));
    return EXIT.ok;
  }
  const { values, positionals } = parse(command, args);
  return await command.run({ ...context, values, positionals });
}

function parse(command: Command, args: string[]) {
  try {
    return parseArgs({ args, options: command.options, allowPositionals: true, strict: true });
  } catch (error) {
    // parseArgs appends a hint about `--`, which does not apply to these commands.
    throw new UsageError(messageOf(error).replace(/\. To specify a positional.*/s, ''));
  }
}

function report(
  error: unknown,
  { name, command, context }: { name: string; command: Command; context: CommandContext },
): ExitCode {
  if (context.signal.aborted) return EXIT.failed;
  context.warn(messageOf(error));
  if (error instanceof ConfigError) return EXIT.usage;
  if (error instanceof RejectedRequest) return EXIT.negative;
  if (!(error instanceof UsageError)) return EXIT.failed;
  context.warn(`${usageOf(name, command.positionals)}\nSee votewire ${name} --help.`);
  return EXIT.usage;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
