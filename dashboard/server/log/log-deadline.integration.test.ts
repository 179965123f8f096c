import { expect, test } from 'vitest';
import { startFakeMongo } from '../../../store/log/testing/test-mongo.ts';
import { startDashboardFixture } from '../testing/dashboard-fixture.ts';

const NONE = { ok: 1, cursor: { id: 0n, ns: 'test.entries', firstBatch: [] } };
const TOO_LATE = { ok: 0, code: 50, codeName: 'MaxTimeMSExpired', errmsg: 'operation exceeded time limit' };

test('a search that takes too long returns 504 with a remedy, and a count is incomplete', async () => {
  await using mongo = await startFakeMongo();
  let isSlow = false;
  const maxTimes: number[] = [];
  mongo.answer = (name, command) => {
    if (name === 'find') maxTimes.push(command.maxTimeMS);
    return isSlow && name === 'find' ? TOO_LATE : NONE;
  };
  await using fixture = await startDashboardFixture({ MONGODB_URL: mongo.url });
  const ask = async (path: string) => {
    const answer = await fetch(`${fixture.url}/api/logs${path}`);
    return { status: answer.status, body: await answer.text() };
  };
  expect(await ask('')).toMatchObject({ status: 200 });
  isSlow = true;
  maxTimes.length = 0;
  for (const path of ['', '/export?format=csv', '/votes/p0:e1:1700000000000-0:0']) {
    const { status, body } = await ask(path);
    expect(status, path).toBe(504);
    expect(JSON.parse(body)).toMatchObject({
      code: 'deadline_exceeded',
      detail: expect.stringMatching(/took longer than 1\.5 s; filter by contest, voter or a shorter time range/),
    });
  }
  // The dashboard's own reads of the log, such as its totals, use the store's limit.
  expect(maxTimes.length).toBeGreaterThanOrEqual(3);
  for (const ms of maxTimes) expect(ms).toBeLessThanOrEqual(4500);
  const { status, body } = await ask('/counts');
  expect(status).toBe(200);
  expect(JSON.parse(body)).toMatchObject({ total: 0, isComplete: false });
});
