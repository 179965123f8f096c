import { deepStrictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import { LOG_GROUP, TALLY_GROUP } from '../../store/streams/keys.ts';
import type { Group } from './held-entries.ts';
import type { Partition } from './partition.ts';
import { MODEL_CONTESTS, type ModelContest, type ModelVote, type TallyModel } from './tally-model.ts';

type Command = fc.AsyncCommand<TallyModel, Partition>;

const CONSUMERS = ['c1', 'c2', 'c3'];
const MOST_COMMANDS = 30;

/** A command with its parameters, as shown in the report of a failure. */
function step<P extends readonly unknown[]>(
  name: string,
  parameters: fc.Arbitrary<P>,
  run: (model: TallyModel, partition: Partition, ...parameters: P) => Promise<void>,
): fc.Arbitrary<Command> {
  return parameters.map((values) => ({
    check: () => true,
    async run(model, partition) {
      await run(model, partition, ...values);
      await compare(model, partition);
    },
    toString: () => `${name}(${values.map((value) => JSON.stringify(value)).join(', ')})`,
  }));
}

const group = fc.constantFrom<Group>(TALLY_GROUP, LOG_GROUP);
const consumer = fc.constantFrom(...CONSUMERS);
const contest = fc.constantFrom<ModelContest>(...MODEL_CONTESTS);

const vote: fc.Arbitrary<ModelVote> = fc
  .record({
    contest,
    choice: fc.constantFrom('yes', 'no'),
    voter: fc.constantFrom('ana', 'ben', 'eve'),
    voteId: fc.constantFrom('', 'v1', 'v2', 'v3'),
    sequence: fc.nat({ max: 3 }),
  })
  // Votes with the same vote_id are for the same option, because a recount may count another one of them first.
  .map((one) => ({ ...one, choice: one.contest === 'open' && one.voteId !== '' ? 'yes' : one.choice }));

const append = step(
  'append',
  fc.tuple(fc.array(vote, { minLength: 1, maxLength: 4 })),
  async (model, partition, votes) => {
    model.append({ position: await partition.append(votes), votes });
  },
);

const read = step('read', fc.tuple(group, consumer, fc.integer({ min: 1, max: 5 })), (_, partition, ...args) =>
  partition.read(...args),
);

const claim = step('claim', fc.tuple(group, consumer), (_, partition, ...args) => partition.claim(...args));

const count = step('count', fc.tuple(consumer, fc.boolean()), async (model, partition, name, forget) => {
  for (const handled of await partition.count(name, forget)) model.count(handled);
});

const log = step('log', fc.tuple(consumer, fc.boolean()), async (model, partition, name, dies) => {
  for (const position of await partition.log(name, dies)) model.logged.add(position);
});

const deadLetter = step('deadLetter', fc.tuple(consumer), async (model, partition, name) => {
  const outcome = await partition.deadLetter(name);
  if (outcome === undefined) return;
  deepStrictEqual(outcome.isDead, model.isLive(outcome), `${outcome.id} becomes a dead letter`);
  if (outcome.isDead) model.deadLetter(outcome);
});

const replay = step('replay', fc.tuple(fc.boolean()), async (model, partition, twice) => {
  for (const written of await partition.replay(twice)) model.replay(written);
});

const trim = step('trim', fc.tuple(), async (_, partition) => {
  await partition.trim();
});

const close = step('close', fc.tuple(contest), async (model, partition, id) => {
  model.closesAt[id] = await partition.close(id);
});

const reopen = step('reopen', fc.tuple(contest), async (model, partition, id) => {
  await partition.setCloses(id, 0);
  model.closesAt[id] = 0;
});

const recount = step('recount', fc.tuple(contest), async (model, partition, id) => {
  if (await partition.recount(id)) model.recount(id);
});

/** Another consumer finishes everything, so that a recount succeeds. */
const rest = step('rest', fc.tuple(), drain);

/** Sequences of actions of edges, consumers and operators, and of deaths of consumers. */
export const sequences = fc.commands(
  [
    ...[append, append, read, read, claim, count, count, log, rest],
    ...[deadLetter, replay, recount, recount, trim, close, reopen],
  ],
  { maxCommands: MOST_COMMANDS, size: 'max' },
);

/** Handles remaining entries, replays every dead letter, recounts, and checks the invariants at rest. */
export async function settle(model: TallyModel, partition: Partition): Promise<void> {
  await drain(model, partition);
  for (const written of await partition.replay(false)) model.replay(written);
  await drain(model, partition);
  await compare(model, partition);
  // Only entries that a recount has counted need no replay.
  const left = (await partition.state.deadLetters()).filter((id) => !model.isCounted(id));
  deepStrictEqual(left, [], 'dead letters at the end');
  deepStrictEqual(await partition.state.gaps(), [], 'gaps of the ledger at the end');
  for (const id of MODEL_CONTESTS) {
    await partition.setCloses(id, 0);
    model.closesAt[id] = 0;
    deepStrictEqual(await partition.recount(id), true, 'a recount at rest succeeds');
    model.recount(id);
    for (const [position, times] of await partition.state.logged(id)) {
      const votes = model.entries.find((entry) => entry.position === position)?.votes ?? [];
      deepStrictEqual(times, votes.filter((one) => one.contest === id).length, `${position} in the log`);
    }
  }
  const missing = model.entries.filter(({ position }) => !model.isCounted(position) || !model.logged.has(position));
  deepStrictEqual(missing, [], 'entries that are not counted or not logged');
  await compare(model, partition);
}

async function drain(model: TallyModel, partition: Partition): Promise<void> {
  const last = 'c0';
  for (const name of [TALLY_GROUP, LOG_GROUP] as const) {
    await partition.claim(name, last);
    await partition.read(name, last, 1000);
  }
  for (const handled of await partition.count(last, true)) model.count(handled);
  for (const position of await partition.log(last, false)) model.logged.add(position);
  deepStrictEqual(await partition.state.isDrained(), true, 'nothing is pending or unread');
}

async function compare(model: TallyModel, partition: Partition): Promise<void> {
  for (const id of MODEL_CONTESTS) {
    deepStrictEqual(await partition.state.counts(id), model.counts(id), `counts of the contest ${id}`);
  }
}
