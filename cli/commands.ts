import type { CommandTable } from './command.ts';

/** Every command of `votewire`, in the order of the help. */
export const COMMANDS: CommandTable = {
  vote: { summary: 'Cast a vote, or many, over HTTP, gRPC or Connect', load: () => import('./commands/vote.ts') },
  results: { summary: 'Print the results of a contest', load: () => import('./commands/results.ts') },
  watch: { summary: 'Print the results after each change', load: () => import('./commands/watch.ts') },
  contests: { summary: 'List, create, change and close contests', load: () => import('./commands/contests.ts') },
  logs: { summary: 'Read, export and follow the vote log', load: () => import('./commands/logs.ts') },
  seed: { summary: 'Cast the sample votes', load: () => import('./commands/seed.ts') },
  recount: {
    summary: 'Count a contest again from the log and compare',
    load: () => import('./commands/recovery/recount.ts'),
  },
  'dead-letters': {
    summary: 'List, show and replay entries that could not be handled',
    load: () => import('./commands/recovery/dead-letters.ts'),
  },
  backup: { summary: 'Save contests, secret and log', load: () => import('./commands/recovery/backup.ts') },
  restore: { summary: 'Rebuild everything from the log', load: () => import('./commands/recovery/restore.ts') },
  doctor: {
    summary: 'Check Redis, log and edge for dangerous settings',
    load: () => import('./commands/recovery/doctor.ts'),
  },
  bench: { summary: 'Measure what a vote costs over each transport', load: () => import('./commands/bench.ts') },
  plan: { summary: 'Size a deployment for a load', load: () => import('./commands/plan.ts') },
  completion: { summary: 'Print a completion script for bash or zsh', load: () => import('./commands/completion.ts') },
};
