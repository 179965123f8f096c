import { setTimeout as delay } from 'node:timers/promises';
import { fromBinary, toJson } from '@bufbuild/protobuf';
import { Hono } from 'hono';
import * as v from 'valibot';
import type { Problem } from '../../../http/problem.ts';
import { problemResponse } from '../../../http/problem-reply.ts';
import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import { VoteBatchSchema } from '../../../proto/gen/votewire/v1/vote_pb.ts';
import type { DeadLetter } from '../../../store/streams/dead-letters.ts';
import {
  type BulkOutcome,
  bulkOutcomeSchema,
  type DeadLetterDetail,
  type DeadLetterItem,
  deadLetterDetailSchema,
  deadLetterListSchema,
  letterNamesSchema,
  replayOutcomeSchema,
} from '../../api/dead-letters.ts';
import { requireAdmin } from '../access/require-admin.ts';
import type { TokenVerifier } from '../access/token-verifier.ts';
import type { Auditor } from '../audit/auditor.ts';
import type { DashboardContext, DashboardEnv } from '../dashboard-env.ts';
import { readJsonBody } from '../http/json-body.ts';
import { validateQuery } from '../http/validate-query.ts';
import {
  adminOnly,
  adminProblems,
  bodyProblems,
  describe,
  invalidQueryProblem,
  json,
  problem,
  schemaOf,
  unavailableProblem,
} from '../openapi/describe.ts';

type LetterName = Pick<DeadLetter, 'partition' | 'group' | 'id'>;

/** The dead letters of all partitions. */
export interface DeadLetters {
  readonly partitions: number;
  list(partition: number): Promise<readonly DeadLetter[]>;
  /** The id of the new entry; undefined if the letter is gone. */
  replay(letter: LetterName): Promise<string | undefined>;
  discard(letter: LetterName): Promise<boolean>;
  replayState(letter: DeadLetter, newId: string): Promise<'waiting' | 'failed' | 'handled'>;
}

/** Maximum number of letters listed, for a person to read. */
const MAX_LISTED = 500;
/** Well below the two seconds that a request may take. */
const OUTCOME_MS = 1000;
const MAX_SHOWN_BYTES = 64 * 1024;

const replayQuery = v.strictObject(
  { dryRun: v.optional(v.picklist(['true', 'false'], 'Must be true or false, given once')) },
  'Unknown parameter. Allowed: dryRun',
);

const notFound = { 404: problem('No such dead letter.') };

const listDeadLetters = describe({
  operationId: 'listDeadLetters',
  summary: 'Entries that could not be counted or logged.',
  responses: { 200: json(deadLetterListSchema, 'The latest failures first.'), ...unavailableProblem },
});

const showDeadLetter = describe({
  operationId: 'showDeadLetter',
  summary: 'One dead letter with its content.',
  ...adminOnly,
  responses: {
    200: json(deadLetterDetailSchema, 'The entry.'),
    ...adminProblems,
    ...notFound,
    ...unavailableProblem,
  },
});

const replayDeadLetter = describe({
  operationId: 'replayDeadLetter',
  summary: 'Returns an entry to its stream for the group that failed; with dryRun, only reports what would happen.',
  ...adminOnly,
  responses: {
    200: json(replayOutcomeSchema, 'The outcome.'),
    ...adminProblems,
    ...notFound,
    ...invalidQueryProblem,
    ...unavailableProblem,
  },
});

const bulk = {
  ...adminOnly,
  requestBody: { required: true, content: { 'application/json': { schema: schemaOf(letterNamesSchema) } } },
  responses: {
    200: json(bulkOutcomeSchema, 'The outcomes.'),
    ...adminProblems,
    ...bodyProblems,
    422: problem('The body is invalid.'),
    ...unavailableProblem,
  },
};
const replayDeadLetters = describe({
  operationId: 'replayDeadLetters',
  summary: 'Replays many dead letters, and reports how many were handled within a second.',
  ...bulk,
});
const discardDeadLetters = describe({
  operationId: 'discardDeadLetters',
  summary: 'Removes dead letters for good. A recount counts only those of their votes that are in the log.',
  ...bulk,
});

/** `/api/dead-letters`: anyone may see the number and the reasons; content and replay require an admin token. */
export function deadLettersApi(letters: DeadLetters, verify: TokenVerifier, audit: Auditor): Hono<DashboardEnv> {
  const app = new Hono<DashboardEnv>();
  const admin = requireAdmin(verify);

  app.get('/', listDeadLetters, async (c) => {
    const partitions = Array.from({ length: letters.partitions }, (_, partition) => letters.list(partition));
    const all = (await Promise.all(partitions)).flat();
    all.sort((a, b) => (a.lastFailure < b.lastFailure ? 1 : -1));
    c.header('cache-control', 'no-store');
    return c.json({ total: all.length, items: all.slice(0, MAX_LISTED).map(itemOf) });
  });

  app.get('/:partition/:group/:id', showDeadLetter, admin, async (c) => {
    const letter = await find(c);
    if (letter === undefined) return problemResponse(UNKNOWN_LETTER);
    const detail: DeadLetterDetail = {
      ...itemOf(letter),
      hex: letter.bytes.subarray(0, MAX_SHOWN_BYTES).toString('hex'),
      batch: readBatch(letter),
    };
    c.header('cache-control', 'no-store');
    return c.json(detail);
  });

  app.post('/:partition/:group/:id/replay', replayDeadLetter, admin, validateQuery(replayQuery), async (c) => {
    const dryRun = c.req.valid('query').dryRun === 'true';
    const letter = await find(c);
    if (letter === undefined) return problemResponse(UNKNOWN_LETTER);
    const newId = dryRun ? null : await letters.replay(letter);
    if (newId === undefined) return problemResponse(UNKNOWN_LETTER);
    if (newId !== null) await audit(c, 'letters.replay', nameOf(letter));
    return c.json({ replayed: !dryRun, newId, readable: readBatch(letter) !== null });
  });

  app.post('/replay', replayDeadLetters, admin, async (c) => {
    const named = await readNames(c);
    if ('problem' in named) return problemResponse(named.problem);
    const outcome: Record<keyof BulkOutcome, number> = { handled: 0, failed: 0, waiting: 0, gone: 0 };
    let pending: { letter: DeadLetter; newId: string }[] = [];
    const listed = await listNamed(letters, named.letters);
    for (const letter of listed) {
      const newId = await letters.replay(letter);
      if (newId === undefined) outcome.gone += 1;
      else pending.push({ letter, newId });
    }
    outcome.gone += named.letters.length - listed.length;
    await audit(c, 'letters.replay', `${pending.length} letters`);
    const deadline = Date.now() + OUTCOME_MS;
    while (pending.length > 0 && Date.now() < deadline) {
      await delay(50);
      const states = await Promise.all(pending.map(({ letter, newId }) => letters.replayState(letter, newId)));
      for (const state of states) if (state !== 'waiting') outcome[state] += 1;
      pending = pending.filter((_, index) => states[index] === 'waiting');
    }
    outcome.waiting = pending.length;
    return c.json(outcome satisfies BulkOutcome);
  });

  app.post('/discard', discardDeadLetters, admin, async (c) => {
    const named = await readNames(c);
    if ('problem' in named) return problemResponse(named.problem);
    let handled = 0;
    for (const letter of named.letters) {
      if (letter.partition < letters.partitions && (await letters.discard(letter))) handled += 1;
    }
    await audit(c, 'letters.discard', `${handled} letters`);
    return c.json({ handled, failed: 0, waiting: 0, gone: named.letters.length - handled } satisfies BulkOutcome);
  });

  async function find(c: DashboardContext): Promise<DeadLetter | undefined> {
    const partition = /^\d{1,4}$/.test(c.req.param('partition') ?? '') ? Number(c.req.param('partition')) : -1;
    if (partition < 0 || partition >= letters.partitions) return undefined;
    const found = await letters.list(partition);
    return found.find(({ group, id }) => group === c.req.param('group') && id === c.req.param('id'));
  }

  return app;
}

/** Those of the named letters that exist. */
async function listNamed(letters: DeadLetters, names: readonly LetterName[]): Promise<DeadLetter[]> {
  const wanted = new Set(names.map(nameOf));
  const partitions = [...new Set(names.map(({ partition }) => partition))].filter((one) => one < letters.partitions);
  const all = await Promise.all(partitions.map((partition) => letters.list(partition)));
  return all.flat().filter((letter) => wanted.has(nameOf(letter)));
}

function nameOf({ partition, group, id }: LetterName): string {
  return `${partition}/${group}/${id}`;
}

async function readNames(c: DashboardContext): Promise<{ letters: readonly LetterName[] } | { problem: Problem }> {
  const body = await readJsonBody(c);
  if (!body.ok) return { problem: body.problem };
  const parsed = v.safeParse(letterNamesSchema, body.value);
  if (parsed.success) return parsed.output;
  const errors = parsed.issues.map(({ message }) => ({ field: 'letters', message }));
  return { problem: { code: ErrorCode.INVALID_ARGUMENT, detail: errors[0]?.message ?? 'The body is invalid', errors } };
}

function itemOf({ bytes, ...letter }: DeadLetter): DeadLetterItem {
  return { ...letter, bytes: bytes.length };
}

/** The entry as JSON; null if it is not a VoteBatch, which is often the reason it is a dead letter. */
function readBatch(letter: DeadLetter): unknown {
  try {
    return toJson(VoteBatchSchema, fromBinary(VoteBatchSchema, letter.bytes));
  } catch {
    // Not a VoteBatch: the bytes are shown as they are.
    return null;
  }
}

const UNKNOWN_LETTER: Problem = {
  code: ErrorCode.NOT_FOUND,
  detail: 'No such dead letter; it may have been replayed already',
};
