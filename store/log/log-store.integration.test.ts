import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { afterAll } from 'vitest';
import { startMongoServer } from '../../supervisor/build/mongo-server.ts';
import { openLogStore } from './open-log-store.ts';
import { testLogStore } from './testing/log-store.contract.ts';

const dir = mkdtempSync(join(tmpdir(), 'votewire-log-'));
const mongo = await startMongoServer();
const database = `test-log-${randomUUID()}`;
let databases = 0;
afterAll(async () => {
  if (mongo.server?.kind === 'external') {
    await using client = await MongoClient.connect(mongo.server.url);
    for (let n = 0; n < databases; n++) await client.db(`${database}-${n}`).dropDatabase();
  }
  await mongo.server?.[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true, force: true });
});

testLogStore('SQLite', () => openLogStore({ mongodbUrl: undefined, dataDir: join(dir, randomUUID()), logTtlDays: 0 }));

testLogStore(`MongoDB (${mongo.server?.kind ?? 'none'})`, async () => {
  if (mongo.server === undefined) return { skip: mongo.reason };
  return openLogStore({ mongodbUrl: `${mongo.server.url}/${database}-${databases++}`, dataDir: dir, logTtlDays: 0 });
});
