import { expect, test } from 'vitest';
import { LogDeadlineError } from '../reads/read-deadline.ts';
import { testEntry } from '../testing/test-entries.ts';
import { type MongoCommand, startFakeMongo } from '../testing/test-mongo.ts';
import { openMongoLog } from './mongo-log.ts';

const NONE = { ok: 1, cursor: { id: 0n, ns: 'test.entries', firstBatch: [] } };
const TOO_LATE = { ok: 0, code: 50, codeName: 'MaxTimeMSExpired', errmsg: 'operation exceeded time limit' };
const id = { ms: 1, n: 0 };

test('the server enforces the deadline of every read, and its answer becomes a LogDeadlineError', async () => {
  await using mongo = await startFakeMongo();
  const asked: MongoCommand[] = [];
  let answer: object = NONE;
  mongo.answer = (name, command) => {
    if (name !== 'find' && name !== 'aggregate') return NONE;
    asked.push(command);
    return answer;
  };
  await using log = await openMongoLog({ url: mongo.url, ttlDays: 0 });
  const drain = async (votes: AsyncIterable<unknown>) => {
    for await (const _ of votes) expect.unreachable('there are none');
  };
  const reads = [
    () => log.page({ limit: 10 }, { timeoutMs: 1000 }),
    () => log.vote(testEntry(1), 0, { timeoutMs: 1000 }),
    () => drain(log.scan({}, { timeoutMs: 1000 })),
    () => drain(log.range({ partition: 0, epoch: 'e1', after: id, upTo: id }, { timeoutMs: 1000 })),
    () => log.totals(),
  ];
  for (const read of reads) await read();
  expect(asked.length).toBe(reads.length);
  for (const { maxTimeMS } of asked) {
    expect(maxTimeMS).toBeGreaterThan(0);
    expect(maxTimeMS).toBeLessThanOrEqual(4500);
  }
  answer = TOO_LATE;
  for (const read of reads) await expect(read()).rejects.toThrow(LogDeadlineError);
});
