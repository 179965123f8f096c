import { fromBinary, toJson } from '@bufbuild/protobuf';
import { Hono } from 'hono';
import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import { VoteBatchSchema } from '../../../proto/gen/votewire/v1/vote_pb.ts';
import type { DeadLetter } from '../../../store/streams/dead-letters.ts';
import type { DeadLetterDetail, DeadLetterItem } from '../../api.ts';
import { askGuard } from '../contests/contests-api.ts';
import type { DashboardContext, DashboardEnv } from '../dashboard-env.ts';
import type { AdminGuard } from '../http/admin-guard.ts';
import { respondWith } from '../http/problem.ts';

/** The dead letters of all partitions. */
export interface DeadLetters {
  readonly partitions: number;
  list(partition: number): Promise<readonly DeadLetter[]>;
  /** The new entry's id; undefined where there is no such letter any more. */
  replay(letter: Pick<DeadLetter, 'partition' | 'group' | 'id'>): Promise<string | undefined>;
}

/** Letters listed at most; each of them is one that a person has to look at. */
const MAX_LISTED = 500;
const MAX_SHOWN_BYTES = 64 * 1024;

/** `/api/dead-letters`: everybody sees how many and why; what is in them, and their replay, takes the admin token. */
export function deadLettersApi(letters: DeadLetters, guard: AdminGuard): Hono<DashboardEnv> {
  const app = new Hono<DashboardEnv>();

  app.get('/', async (c) => {
    const partitions = Array.from({ length: letters.partitions }, (_, partition) => letters.list(partition));
    const all = (await Promise.all(partitions)).flat();
    all.sort((a, b) => (a.lastFailure < b.lastFailure ? 1 : -1));
    c.header('cache-control', 'no-store');
    return c.json({ total: all.length, items: all.slice(0, MAX_LISTED).map(item) });
  });

  app.get('/:partition/:group/:id', async (c) => {
    const refusal = askGuard(c, guard);
    if (refusal !== undefined) return respondWith(refusal);
    const letter = await find(c);
    if (letter === undefined) return unknownLetter();
    const detail: DeadLetterDetail = {
      ...item(letter),
      hex: letter.bytes.subarray(0, MAX_SHOWN_BYTES).toString('hex'),
      batch: readBatch(letter),
    };
    c.header('cache-control', 'no-store');
    return c.json(detail);
  });

  app.post('/:partition/:group/:id/replay', async (c) => {
    const refusal = askGuard(c, guard);
    if (refusal !== undefined) return respondWith(refusal);
    const dryRun = readDryRun(new URL(c.req.url).searchParams);
    if (dryRun === undefined) {
      const message = 'The one parameter is dryRun, true or false.';
      const errors = [{ field: 'dryRun', message }];
      return respondWith({ code: ErrorCode.INVALID_ARGUMENT, detail: message, errors });
    }
    const letter = await find(c);
    if (letter === undefined) return unknownLetter();
    const newId = dryRun ? null : await letters.replay(letter);
    return newId === undefined
      ? unknownLetter()
      : c.json({ replayed: !dryRun, newId, readable: readBatch(letter) !== null });
  });

  async function find(c: DashboardContext): Promise<DeadLetter | undefined> {
    const partition = /^\d{1,4}$/.test(c.req.param('partition') ?? '') ? Number(c.req.param('partition')) : -1;
    if (partition < 0 || partition >= letters.partitions) return undefined;
    const found = await letters.list(partition);
    return found.find(({ group, id }) => group === c.req.param('group') && id === c.req.param('id'));
  }

  return app;
}

function item({ bytes, ...letter }: DeadLetter): DeadLetterItem {
  return { ...letter, bytes: bytes.length };
}

/** The entry as JSON, where it can be read; null where it can't, which is often why it is here. */
function readBatch(letter: DeadLetter): unknown {
  try {
    return toJson(VoteBatchSchema, fromBinary(VoteBatchSchema, letter.bytes));
  } catch {
    // Not a VoteBatch: the bytes are shown as they stand.
    return null;
  }
}

function readDryRun(params: URLSearchParams): boolean | undefined {
  const values = params.getAll('dryRun');
  if ([...params.keys()].some((name) => name !== 'dryRun') || values.length > 1) return undefined;
  const value = values[0] ?? 'false';
  return value === 'true' ? true : value === 'false' ? false : undefined;
}

function unknownLetter(): Response {
  return respondWith({ code: ErrorCode.NOT_FOUND, detail: 'There is no such dead letter (any more).' });
}
