import { fromBinary, toJsonString } from '@bufbuild/protobuf';
import { readStoreConfig } from '../../../config/store-config.ts';
import { VoteBatchSchema } from '../../../proto/gen/votewire/v1/vote_pb.ts';
import { openPartitions } from '../../../store/deployment/settings.ts';
import { openCommandRedis } from '../../../store/redis/command-redis.ts';
import { type DeadLetter, listDeadLetters, replayDeadLetter } from '../../../store/streams/dead-letters.ts';
import { defineCommand, EXIT, UsageError } from '../../command.ts';

/** `votewire dead-letters`: lists, shows and replays entries that could not be handled. */
export const command = defineCommand({
  positionals: 'list | show <letter>... | replay <letter>...|all',
  description: `Lists dead letters, shows them with their votes, or replays them into their streams, each for its own group.
A letter is named <partition>/<group>/<entry id>.`,
  options: {
    'dry-run': { type: 'boolean', help: 'With replay: print what would be replayed and change nothing' },
    json: { type: 'boolean', help: 'With list: print one JSON object a line' },
  },
  async run({ env, values, positionals, print, warn }) {
    const dryRun = values['dry-run'] ?? false;
    const [action, ...names] = parseAction(positionals, dryRun);
    await using redis = await openCommandRedis(env, 'dead-letters');
    const partitions = await openPartitions(redis, readStoreConfig(env));
    const letters: DeadLetter[] = [];
    for (let partition = 0; partition < partitions; partition++)
      letters.push(...(await listDeadLetters(redis, partition)));
    if (action === 'list') {
      for (const letter of letters) print(values.json ? JSON.stringify(summarize(letter)) : rowOf(letter));
      if (!values.json) print(`${letters.length} dead letter${letters.length === 1 ? '' : 's'}`);
      return EXIT.ok;
    }
    const all = action === 'replay' && names[0] === 'all';
    const chosen = all ? letters : letters.filter((letter) => names.includes(nameOf(letter)));
    const missing = all ? [] : names.filter((name) => !letters.some((letter) => nameOf(letter) === name));
    for (const name of missing) warn(`There is no dead letter ${name}.`);
    for (const letter of chosen) {
      if (action === 'show') print(describe(letter));
      else if (dryRun)
        print(`${nameOf(letter)} would be replayed: ${letter.votes} votes, ${letter.bytes.length} bytes`);
      else print(`${nameOf(letter)} ${replayed(await replayDeadLetter(redis, letter))}`);
    }
    return missing.length > 0 ? EXIT.negative : EXIT.ok;
  },
});

type Action = ['list'] | ['show' | 'replay', ...string[]];

function parseAction([action, ...names]: readonly string[], dryRun: boolean): Action {
  if (action === 'list' && names.length === 0 && !dryRun) return [action];
  if (action === 'show' && names.length > 0 && !dryRun) return [action, ...names];
  if (action === 'replay' && names.length > 0) return [action, ...names];
  throw new UsageError('Expected list, show <letter>... or replay <letter>...|all');
}

function nameOf({ partition, group, id }: DeadLetter): string {
  return `${partition}/${group}/${id}`;
}

function replayed(id: string | undefined): string {
  return id === undefined ? 'was already replayed by another process' : `was replayed as ${id}`;
}

function rowOf(letter: DeadLetter): string {
  const { firstFailure, lastFailure, deliveries, votes, reason } = letter;
  return `${nameOf(letter)}  first ${firstFailure}  last ${lastFailure}  deliveries ${deliveries}  votes ${votes}  ${reason}`;
}

function summarize(letter: DeadLetter): object {
  const { bytes, ...rest } = letter;
  return { name: nameOf(letter), ...rest, size: bytes.length };
}

function describe(letter: DeadLetter): string {
  const details = { ...summarize(letter), bytes: letter.bytes.toString('base64') };
  return `${JSON.stringify(details, undefined, 2)}\n${votesOf(letter)}`;
}

function votesOf({ bytes }: DeadLetter): string {
  try {
    return toJsonString(VoteBatchSchema, fromBinary(VoteBatchSchema, bytes), { prettySpaces: 2 });
  } catch (error) {
    return `Not a VoteBatch: ${error instanceof Error ? error.message : error}`;
  }
}
