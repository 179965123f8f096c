import { parseArgs } from 'node:util';
import { fromBinary, toJsonString } from '@bufbuild/protobuf';
import { readStoreConfig } from '../config/store-config.ts';
import { VoteBatchSchema } from '../proto/gen/votewire/v1/vote_pb.ts';
import { openPartitions } from '../store/deployment/settings.ts';
import { openCommandRedis } from '../store/redis/command-redis.ts';
import type { Redis } from '../store/redis/redis.ts';
import { type DeadLetter, listDeadLetters, replayDeadLetter } from '../store/streams/dead-letters.ts';

const USAGE = `Usage: npm run dead-letters -- <command> [options]
  list                      every dead letter, oldest entry first
  show <letter>             one of them, with its votes; a letter is written <partition>/<group>/<entry id>
  replay <letter>... | all  put them back into their streams, each for its own group
    --dry-run               say what would be put back, and change nothing`;

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function main(args: string[]): Promise<number> {
  const parsed = parseCommand(args);
  if (parsed === undefined) {
    console.error(USAGE);
    return 2;
  }
  const config = readStoreConfig(process.env);
  await using redis = await openCommandRedis(process.env, 'dead-letters');
  const partitions = await openPartitions(redis, config);
  const letters: DeadLetter[] = [];
  for (let partition = 0; partition < partitions; partition++)
    letters.push(...(await listDeadLetters(redis, partition)));

  const [command, ...names] = parsed.words;
  if (command === 'list') return list(letters);
  const chosen =
    names[0] === 'all' && command === 'replay' ? letters : letters.filter((letter) => names.includes(nameOf(letter)));
  const missing = names.filter((name) => name !== 'all' && !letters.some((letter) => nameOf(letter) === name));
  for (const name of missing) console.error(`There is no dead letter ${name}.`);
  if (command === 'show') for (const letter of chosen) show(letter);
  else await replay(redis, chosen, parsed.dryRun);
  return missing.length > 0 ? 1 : 0;
}

function parseCommand(args: string[]): { words: string[]; dryRun: boolean } | undefined {
  try {
    const options = { 'dry-run': { type: 'boolean', default: false } } as const;
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    const [command, ...names] = positionals;
    const dryRun = values['dry-run'];
    const isList = command === 'list' && names.length === 0 && !dryRun;
    const isShow = command === 'show' && names.length > 0 && !dryRun;
    const isReplay = command === 'replay' && names.length > 0;
    return isList || isShow || isReplay ? { words: positionals, dryRun } : undefined;
  } catch {
    // An option that is not known: the usage says which there are.
    return undefined;
  }
}

function nameOf({ partition, group, id }: DeadLetter): string {
  return `${partition}/${group}/${id}`;
}

function list(letters: readonly DeadLetter[]): number {
  for (const letter of letters) {
    const { firstFailure, lastFailure, deliveries, votes, reason } = letter;
    console.log(
      `${nameOf(letter)}  first ${firstFailure}  last ${lastFailure}  deliveries ${deliveries}  votes ${votes}  ${reason}`,
    );
  }
  console.log(`${letters.length} dead letter${letters.length === 1 ? '' : 's'}`);
  return 0;
}

function show(letter: DeadLetter): void {
  const { bytes, ...rest } = letter;
  console.log(JSON.stringify({ ...rest, size: bytes.length, bytes: bytes.toString('base64') }, undefined, 2));
  try {
    console.log(toJsonString(VoteBatchSchema, fromBinary(VoteBatchSchema, bytes), { prettySpaces: 2 }));
  } catch (error) {
    console.log(`Not a VoteBatch: ${error instanceof Error ? error.message : error}`);
  }
}

async function replay(redis: Redis, letters: readonly DeadLetter[], dryRun: boolean): Promise<void> {
  for (const letter of letters) {
    if (dryRun) {
      console.log(`${nameOf(letter)} would be put back: ${letter.votes} votes, ${letter.bytes.length} bytes`);
      continue;
    }
    const id = await replayDeadLetter(redis, letter);
    console.log(`${nameOf(letter)} ${id === undefined ? 'was put back by somebody else' : `is put back as ${id}`}`);
  }
}
