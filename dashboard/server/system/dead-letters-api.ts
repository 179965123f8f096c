import { fromBinary, toJson } from '@bufbuild/protobuf';
import { Hono } from 'hono';
import * as v from 'valibot';
import type { Problem } from '../../../http/problem.ts';
import { problemResponse } from '../../../http/problem-reply.ts';
import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import { VoteBatchSchema } from '../../../proto/gen/votewire/v1/vote_pb.ts';
import type { DeadLetter } from '../../../store/streams/dead-letters.ts';
import {
  type DeadLetterDetail,
  type DeadLetterItem,
  deadLetterDetailSchema,
  deadLetterListSchema,
  replayOutcomeSchema,
} from '../../api/dead-letters.ts';
import { requireAdmin } from '../access/require-admin.ts';
import type { TokenVerifier } from '../access/token-verifier.ts';
import type { DashboardContext, DashboardEnv } from '../dashboard-env.ts';
import { validateQuery } from '../http/validate-query.ts';
import {
  adminOnly,
  adminProblems,
  describe,
  invalidQueryProblem,
  json,
  problem,
  unavailableProblem,
} from '../openapi/describe.ts';

/** The dead letters of all partitions. */
export interface DeadLetters {
  readonly partitions: number;
  list(partition: number): Promise<readonly DeadLetter[]>;
  /** The id of the new entry; undefined if the letter is gone. */
  replay(letter: Pick<DeadLetter, 'partition' | 'group' | 'id'>): Promise<string | undefined>;
}

/** Letters listed at most: a person looks at each of them. */
const MAX_LISTED = 500;
const MAX_SHOWN_BYTES = 64 * 1024;

const replayQuery = v.strictObject(
  { dryRun: v.optional(v.picklist(['true', 'false'], 'Must be true or false, once')) },
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

/** `/api/dead-letters`: anyone sees how many and why; their content and their replay require the admin token. */
export function deadLettersApi(letters: DeadLetters, verify: TokenVerifier): Hono<DashboardEnv> {
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
    return c.json({ replayed: !dryRun, newId, readable: readBatch(letter) !== null });
  });

  async function find(c: DashboardContext): Promise<DeadLetter | undefined> {
    const partition = /^\d{1,4}$/.test(c.req.param('partition') ?? '') ? Number(c.req.param('partition')) : -1;
    if (partition < 0 || partition >= letters.partitions) return undefined;
    const found = await letters.list(partition);
    return found.find(({ group, id }) => group === c.req.param('group') && id === c.req.param('id'));
  }

  return app;
}

function itemOf({ bytes, ...letter }: DeadLetter): DeadLetterItem {
  return { ...letter, bytes: bytes.length };
}

/** The entry as JSON; null if it is not a VoteBatch, which is often why it is here. */
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
  detail: 'There is no such dead letter; it may have been replayed already',
};
