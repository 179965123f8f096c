import type { TestEvent } from 'node:test/reporters';

/** Test reporter: one line at the end, `N passed, N failed, N skipped`. */
export default async function* summary(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of source) {
    // The summary of one file names it; that of the run does not.
    if (event.type !== 'test:summary' || event.data.file !== undefined) continue;
    const { tests, passed, skipped, todo } = event.data.counts;
    yield `${passed} passed, ${tests - passed - skipped - todo} failed, ${skipped} skipped\n`;
  }
}
