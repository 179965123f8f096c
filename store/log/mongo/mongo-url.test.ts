import { expect, test } from 'vitest';
import { openMongoLog } from './mongo-log.ts';

for (const options of ['nonsense=1', 'minPoolSize=ten', 'tls=maybe', 'w=1&w=2&authMechanism=NONE'])
  test(`MONGODB_URL with ?${options} is rejected with one message that hides the password`, async () => {
    const open = () => openMongoLog({ url: `mongodb://user:hush@127.0.0.1:1/votes?${options}`, ttlDays: 0 });
    await expect(open()).rejects.toThrow(/^MONGODB_URL must be a URL that the MongoDB driver accepts \(/);
    await expect(open()).rejects.not.toThrow(/hush|\n/);
  });
