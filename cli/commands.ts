import type { Command } from './command.ts';

interface CommandEntry {
  /** One line for the list of commands. */
  readonly summary: string;
  /** Loads the command's module: the others cost nothing. */
  readonly load: () => Promise<{ readonly command: Command }>;
}

/** Every command of `votewire`, in the order of the help. */
export const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  seed: { summary: 'Cast the sample votes', load: () => import('./commands/seed.ts') },
  recount: {
    summary: 'Count a contest again from the log and compare',
    load: () => import('./commands/recount.ts'),
  },
  'dead-letters': {
    summary: 'List, show and replay entries that could not be handled',
    load: () => import('./commands/dead-letters.ts'),
  },
};
