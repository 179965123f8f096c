import { readStoreConfig } from '../../../config/store-config.ts';
import { openPartitions } from '../../../store/deployment/settings.ts';
import { openCommandRedis } from '../../../store/redis/command-redis.ts';
import type { Redis } from '../../../store/redis/redis.ts';
import { type DeadLetter, discardDeadLetter, listDeadLetters } from '../../../store/streams/dead-letters.ts';
import { defineCommand, EXIT, UsageError } from '../../command.ts';
import { describe, NO_LONGER_EXISTS, nameOf, rowOf, summarize } from '../../dead-letters/letter-text.ts';
import { replayLetters } from '../../dead-letters/replay-letters.ts';

/** `votewire dead-letters`: lists, shows, replays and discards entries that could not be handled. */
export const command = defineCommand({
  positionals: ['list', 'show <letter>...', 'replay <letter>...|all', 'discard <letter>...|all --confirm discard'],
  description: `Lists dead letters, shows them with their votes, replays them for the group that failed, or discards them for good. A
letter is named <partition>/<group>/<entry id>. The votes of a discarded letter stay uncounted, but a recount counts those
in the log. Exit code 1: there is no such letter, or a replay failed again or is still waiting.`,
  options: {
    'dry-run': { type: 'boolean', help: 'For replay and discard: print what would be done and change nothing' },
    confirm: { type: 'string', value: 'discard', help: 'Required for discard, which cannot be undone' },
    wait: { type: 'string', value: '<seconds>', default: '5', help: 'For replay: how long to wait for the outcome' },
    json: { type: 'boolean', help: 'For list: print one JSON object per line' },
  },
  async run({ env, values, positionals, print, warn }) {
    const dryRun = values['dry-run'] ?? false;
    const [action, ...names] = parseAction(positionals, { dryRun, confirm: values.confirm });
    const waitMs = readWait(values.wait);
    await using redis = await openCommandRedis(env, 'dead-letters');
    const partitions = await openPartitions(redis, readStoreConfig(env));
    const { letters, missing } = choose(await listAll(redis, partitions), action, names);
    for (const name of missing) warn(`There is no dead letter ${name}.`);
    if (letters.length === 0 && names[0] === 'all') print('0 dead letters');
    let isDone = true;
    if (dryRun || action === 'list' || action === 'show') {
      for (const letter of letters) print(textOf(letter, action, values.json ?? false));
      if (action === 'list' && !values.json) print(`${letters.length} dead letter${letters.length === 1 ? '' : 's'}`);
    } else if (action === 'discard') await discardLetters(redis, letters, print);
    else isDone = await replayLetters(redis, letters, { waitMs, print });
    return isDone && missing.length === 0 ? EXIT.ok : EXIT.negative;
  },
});

async function discardLetters(
  redis: Redis,
  letters: readonly DeadLetter[],
  print: (line: string) => void,
): Promise<void> {
  for (const letter of letters) {
    print(`${nameOf(letter)} ${(await discardDeadLetter(redis, letter)) ? 'was discarded' : NO_LONGER_EXISTS}`);
  }
}

function readWait(text: string | undefined): number {
  const waitMs = Number(text) * 1000;
  if (!(waitMs >= 0)) throw new UsageError(`--wait must be a number of seconds; got "${text}"`);
  return waitMs;
}

async function listAll(redis: Redis, partitions: number): Promise<DeadLetter[]> {
  const lists = Array.from({ length: partitions }, (_, partition) => listDeadLetters(redis, partition));
  return (await Promise.all(lists)).flat();
}

type Action = ['list'] | ['show' | 'replay' | 'discard', ...string[]];

function parseAction(
  [action, ...names]: readonly string[],
  { dryRun, confirm }: { readonly dryRun: boolean; readonly confirm: string | undefined },
): Action {
  if (action === 'discard' && !dryRun && confirm !== 'discard') {
    throw new UsageError('discard removes dead letters for good; add --confirm discard');
  }
  if (action === 'list' && names.length === 0 && !dryRun) return [action];
  if (action === 'show' && names.length > 0 && !dryRun) return [action, ...names];
  if ((action === 'replay' || action === 'discard') && names.length > 0) return [action, ...names];
  throw new UsageError(
    action === undefined ? 'Expected an action' : `Unknown action, or wrong arguments: ${[action, ...names].join(' ')}`,
  );
}

function choose(all: readonly DeadLetter[], action: Action[0], names: readonly string[]) {
  if (action === 'list' || (action !== 'show' && names[0] === 'all')) return { letters: all, missing: [] };
  const known = new Set(all.map(nameOf));
  return {
    letters: all.filter((letter) => names.includes(nameOf(letter))),
    missing: names.filter((name) => !known.has(name)),
  };
}

/** The output for a letter with `list`, `show` or `--dry-run`. */
function textOf(letter: DeadLetter, action: Action[0], asJson: boolean): string {
  if (action === 'list') return asJson ? JSON.stringify(summarize(letter)) : rowOf(letter);
  if (action === 'show') return describe(letter);
  const what = action === 'replay' ? 'replayed' : 'discarded';
  return `${nameOf(letter)} would be ${what}: ${letter.votes} votes, ${letter.bytes.length} bytes`;
}
