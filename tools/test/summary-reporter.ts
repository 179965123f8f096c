import type { Reporter, TestModule, Vitest } from 'vitest/node';
import { LEFT_OVERS_VARIABLE } from './left-over-processes.ts';

/**
 * Vitest reporter: lists each skipped test with its reason, and ends the output with
 * `N passed, N failed, N skipped`. A failure outside tests (an unhandled error, a process left running) counts as one.
 */
export default class SummaryReporter implements Reporter {
  /** `-t` skips all tests with other names; these are counted but not listed. */
  #isFiltered = false;
  #counts = { passed: 0, failed: 0, skipped: 0, pending: 0 };

  onInit({ config }: Vitest): void {
    this.#isFiltered = config.testNamePattern !== undefined;
    // On exit, because Vitest's reports, coverage and teardown print after `onTestRunEnd`.
    process.on('exit', (code) => this.#print(code));
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const counts = { passed: 0, failed: errors.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      if (module.errors().length > 0) counts.failed++;
      for (const test of module.children.allTests()) {
        const result = test.result();
        counts[result.state]++;
        if (result.state === 'skipped' && !this.#isFiltered) {
          console.log(`skipped: ${module.relativeModuleId}: ${test.fullName}: ${result.note ?? 'no reason given'}`);
        }
      }
    }
    this.#counts = counts;
  }

  #print(exitCode: number): void {
    const { passed, failed, skipped, pending } = this.#counts;
    const failures = failed + pending + Number(process.env[LEFT_OVERS_VARIABLE] ?? 0);
    console.log(`${passed} passed, ${Math.max(failures, exitCode === 0 ? 0 : 1)} failed, ${skipped} skipped`);
  }
}
