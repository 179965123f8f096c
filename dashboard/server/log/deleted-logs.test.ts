import { expect, test } from 'vitest';
import { waitFor } from '../../../tests/support/wait-for.ts';
import { DeletedLogs } from './deleted-logs.ts';

const AT = '2026-03-01T12:00:00.000Z';

test('deletes only marked logs, retries after a failure, and stops an hour later', async () => {
  const calls: string[] = [];
  let now = Date.parse(AT);
  let fails = true;
  const deleted = {
    kept: { rule: 'open', at: AT },
    gone: { rule: 'open', at: AT, log: 'deleted' },
  } as const;
  await using logs = new DeletedLogs({
    log: {
      async removeContest(contest, upTo) {
        calls.push(`${contest} ${upTo.toISOString()}`);
        if (fails) throw new Error('the log is unavailable');
        return 0;
      },
    },
    deleted: () => deleted,
    now: () => now,
    everyMs: 20,
  });
  await waitFor(() => calls.length >= 2, { what: 'a retry' });
  fails = false;
  now += 3_600_001;
  const before = calls.length;
  logs.wake();
  await waitFor(() => calls.length > before, { what: 'a last attempt' });
  const after = calls.length;
  await new Promise((done) => setTimeout(done, 100));
  // One call may have been in progress.
  expect(calls.length).toBeLessThanOrEqual(after + 1);
  expect(new Set(calls)).toStrictEqual(new Set([`gone ${AT}`]));
});
