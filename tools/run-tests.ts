import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestCounts } from './summary-reporter.ts';

export interface TestRun {
  readonly files: readonly string[];
  /** How many files run at once. */
  readonly concurrency: number;
  /** Further arguments of `node --test`. */
  readonly options: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** Runs test files with Node's runner, which prints as it goes. A runner that died counts as one failure. */
export function runTests({ files, concurrency, options, env }: TestRun): TestCounts {
  if (files.length === 0) return { passed: 0, failed: 0, skipped: 0 };
  const folder = mkdtempSync(join(tmpdir(), 'votewire-tests-'));
  const countsFile = join(folder, 'counts.json');
  try {
    const { status } = spawnSync(
      process.execPath,
      [
        '--test',
        '--test-timeout=60000',
        `--test-concurrency=${concurrency}`,
        '--test-reporter=spec',
        '--test-reporter-destination=stdout',
        '--test-reporter=./tools/summary-reporter.ts',
        `--test-reporter-destination=${countsFile}`,
        ...options,
        ...files,
      ],
      { stdio: 'inherit', env },
    );
    const counts: TestCounts = JSON.parse(readFileSync(countsFile, 'utf8') || '{"passed":0,"failed":1,"skipped":0}');
    return status === 0 ? counts : { ...counts, failed: Math.max(1, counts.failed) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
