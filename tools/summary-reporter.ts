import type { TestEvent } from 'node:test/reporters';

/** Counts of one run of the test runner, as the summary reporter writes them: JSON. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Test reporter: the counts of the run as one line of JSON. */
export default async function* summary(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of source) {
    // The summary of one file names it; that of the run does not.
    if (event.type !== 'test:summary' || event.data.file !== undefined) continue;
    const { tests, passed, skipped, todo } = event.data.counts;
    const counts: TestCounts = { passed, failed: tests - passed - skipped - todo, skipped };
    yield `${JSON.stringify(counts)}\n`;
  }
}
