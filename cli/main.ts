#!/usr/bin/env node
import { logToStandardError } from '../log/logger.ts';
import { COMMANDS } from './commands.ts';
import { runCommand } from './run-command.ts';

/** Time that a command may take to stop after Ctrl-C. */
const STOP_MS = 2000;

// `votewire <command>`: standard output is the command's result, so logs go to standard error.
logToStandardError();
const stopped = new AbortController();
// Emitted if the reader of the output exits, as in `votewire logs | head`.
process.stdout.on('error', () => process.exit(0));
process.once('SIGINT', () => {
  stopped.abort();
  setTimeout(() => process.exit(130), STOP_MS).unref();
});
process.exitCode = await runCommand(process.argv.slice(2), {
  env: process.env,
  commands: COMMANDS,
  print: (line) => process.stdout.write(`${line}\n`),
  warn: (line) => process.stderr.write(`${line}\n`),
  signal: stopped.signal,
});
