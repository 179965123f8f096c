import type { ParseArgsOptionDescriptor, parseArgs } from 'node:util';
import type { Env } from '../config/env.ts';

/** Exit codes of every command. */
export const EXIT = {
  ok: 0,
  /** The command ran, and its result is negative: counts differ, a request or vote was rejected, a check failed. */
  negative: 1,
  /** The command line or a variable is wrong. */
  usage: 2,
  /** The command failed, for example because a server does not answer. */
  failed: 3,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** An option of `node:util` parseArgs, with its help text. */
export interface OptionSpec extends ParseArgsOptionDescriptor {
  readonly help: string;
  /** Placeholder of the value in the help, such as `<seconds>`. */
  readonly value?: string;
}

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

export type OptionValues<O extends OptionSpecs> = ReturnType<
  typeof parseArgs<{ options: O; allowPositionals: true; strict: true }>
>['values'];

/** Everything that a command receives besides its arguments. */
export interface CommandContext {
  readonly env: Env;
  /** Every command, for the completion script. */
  readonly commands: CommandTable;
  /** Prints a line of the result to standard output. */
  readonly print: (line: string) => void;
  /** Prints a message to standard error. */
  readonly warn: (line: string) => void;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

export interface CommandSpec<O extends OptionSpecs> {
  /** Positional arguments as the help shows them, such as `<contest>`; one per form of the command. */
  readonly positionals: string | readonly string[];
  /** Describes the command in one sentence or a few. */
  readonly description: string;
  readonly options: O;
  /** @throws {UsageError} for invalid arguments */
  run(input: { readonly values: OptionValues<O>; readonly positionals: string[] } & CommandContext): Promise<ExitCode>;
}

/** A command whose option types are checked and then erased, so that one table can hold all commands. */
export type Command = CommandSpec<OptionSpecs>;

/** Commands by name. */
export type CommandTable = Readonly<Record<string, CommandEntry>>;

interface CommandEntry {
  /** One line for the list of commands. */
  readonly summary: string;
  /** Loads the module of this command only. */
  readonly load: () => Promise<{ readonly command: Command }>;
}

export function defineCommand<const O extends OptionSpecs>(spec: CommandSpec<O>): Command {
  return spec as unknown as Command;
}

/** The command line is invalid. The message names the error; the caller adds the usage. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
