import { defineConfig } from 'vitest/config';

/** Tests that start processes; everything below `tests/` but the browser tests does. */
const INTEGRATION = ['**/*.integration.test.ts', 'tests/**/*.test.ts'];
const BROWSER = ['tests/browser/**/*.test.ts', 'bench/report/html/page.test.ts'];
/** Tests that check times run alone, after all others. */
const QUIET = ['bench/**/*.integration.test.ts'];

const EXCLUDED = ['**/node_modules/**', '**/dist/**', 'data/**', '.venv/**'];

export default defineConfig({
  // The pages' own build has its own configuration; tests need no plugin and no server.
  root: import.meta.dirname,
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // Most of a test's time is waiting for processes; three files at once keep two cores busy.
    maxWorkers: 3,
    globalSetup: ['tools/test/global-setup.ts'],
    reporters: ['default', './tools/test/summary-reporter.ts'],
    coverage: {
      provider: 'v8',
      reportsDirectory: 'data/coverage',
      include: ['config', 'http', 'wasm', 'edge', 'store', 'consumer', 'cli', 'dashboard/server', 'supervisor'].map(
        (folder) => `${folder}/**/*.ts`,
      ),
      exclude: ['**/testing/**', '**/*.test.ts', 'wasm/assembly/**'],
    },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [...EXCLUDED, ...INTEGRATION, ...BROWSER],
          isolate: false,
        },
      },
      {
        extends: true,
        test: { name: 'integration', include: INTEGRATION, exclude: [...EXCLUDED, ...BROWSER, ...QUIET] },
      },
      { extends: true, test: { name: 'browser', include: BROWSER, exclude: EXCLUDED } },
      {
        extends: true,
        test: { name: 'quiet', include: QUIET, exclude: EXCLUDED, fileParallelism: false, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
