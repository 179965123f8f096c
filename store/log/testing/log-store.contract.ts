import { type TestContext, test } from 'vitest';
import type { LogStore } from '../log-store.ts';
import { testAppending } from './contract/appending.ts';
import type { Check } from './contract/logged-votes.ts';
import { testPaging } from './contract/paging.ts';
import { testRemoving } from './contract/removing.ts';
import { testScanning } from './contract/scanning.ts';

/** The contract of every LogStore. `open` returns a new store for each test, or the reason to skip it. */
export function testLogStore(name: string, open: (t: TestContext) => Promise<LogStore | { skip: string }>): void {
  const check: Check = (title, body) =>
    test(`${name}: ${title}`, async (t) => {
      const opened = await open(t);
      if ('skip' in opened) return t.skip(opened.skip);
      await using log = opened;
      await body(log);
    });
  for (const testPart of [testAppending, testPaging, testScanning, testRemoving]) testPart(check);
}
