import { expect, test } from 'vitest';
import { testEntry } from '../testing/test-entries.ts';
import { startFakeMongo } from '../testing/test-mongo.ts';
import { openMongoLog } from './mongo-log.ts';

const NO_INDEXES = { ok: 1, cursor: { id: 0n, ns: 'test.entries', firstBatch: [] } };

/** Answers of a member that is no longer the primary or is shutting down. */
const CHANGES = [
  { code: 10_107, codeName: 'NotWritablePrimary' },
  { code: 189, codeName: 'PrimarySteppedDown' },
  { code: 11_600, codeName: 'InterruptedAtShutdown' },
  { code: 91, codeName: 'ShutdownInProgress' },
];

for (const { code, codeName } of CHANGES) {
  test(`MongoDB: creates indexes and view after the first attempt failed with ${codeName}`, async () => {
    await using mongo = await startFakeMongo();
    const made: string[] = [];
    mongo.answer = (name) => {
      if (name === 'listIndexes') return NO_INDEXES;
      if (name === 'createIndexes' || name === 'create') return { ok: 0, code, codeName, errmsg: 'not primary' };
      return { ok: 1 };
    };
    await using log = await openMongoLog({ url: mongo.url, ttlDays: 0 });
    await expect(log.append([testEntry(1)])).rejects.toMatchObject({ code });
    mongo.answer = (name, command) => {
      if (name === 'listIndexes') return NO_INDEXES;
      if (name === 'createIndexes') made.push(...command.indexes.map((index: { name: string }) => index.name));
      if (name === 'create') made.push(command.create);
      if (name === 'listCollections') {
        return { ok: 1, cursor: { id: 0n, ns: 'test.$cmd', firstBatch: [{ name: 'votes', type: 'view' }] } };
      }
      return { ok: 1, n: 1 };
    };
    expect((await log.append([testEntry(1)])).stored).toBe(1);
    expect(made).toStrictEqual(['time', 'contest', 'choice', 'contest_choice', 'voter', 'path', 'votes']);
  });
}

test('MongoDB: creates one index per command, and only missing ones', async () => {
  await using mongo = await startFakeMongo();
  const made: string[][] = [];
  mongo.answer = (name, command) => {
    if (name === 'listIndexes') {
      const firstBatch = ['_id_', 'time', 'voter', 'path'].map((index) => ({ name: index, key: {} }));
      return { ok: 1, cursor: { id: 0n, ns: 'test.entries', firstBatch } };
    }
    if (name === 'createIndexes') made.push(command.indexes.map((index: { name: string }) => index.name));
    return { ok: 1, n: 1, cursor: { id: 0n, ns: 'test.$cmd', firstBatch: [{ name: 'votes', type: 'view' }] } };
  };
  await using log = await openMongoLog({ url: mongo.url, ttlDays: 0 });
  await log.append([testEntry(1)]);
  expect(made).toStrictEqual([['contest'], ['choice'], ['contest_choice']]);
});
