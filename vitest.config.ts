import { defineConfig } from 'vitest/config';

/** Tests that start processes. */
const INTEGRATION = ['**/*.integration.test.ts', 'tests/**/*.test.ts'];
const BROWSER = ['tests/browser/**/*.test.ts', 'bench/report/html/page.test.ts'];
/** Tests that check timings or memory run alone, after all others. */
const QUIET = [
  'bench/**/*.integration.test.ts',
  'edge/floods.integration.test.ts',
  'edge/cold-start.integration.test.ts',
];

const EXCLUDED = ['**/node_modules/**', '**/dist/**', 'data/**', '.venv/**'];

const shared = {
  testTimeout: 60_000,
  hookTimeout: 60_000,
  pool: 'forks',
  globalSetup: 'tools/test/prepare.ts',
  // CI machines are shared, so a failed test is retried once there; the summary lists it as retried.
  retry: process.env.CI === undefined ? 0 : 1,
} as const;

const SOURCES = [
  'config',
  'log',
  'telemetry',
  'http',
  'wasm',
  'edge',
  'store',
  'consumer',
  'cli',
  'dashboard/server',
  'supervisor',
];

export default defineConfig({
  // Without this, Vite would search for a configuration of the pages.
  root: import.meta.dirname,
  test: {
    // Tests mostly wait for processes, so three files at once keep two cores busy.
    maxWorkers: 3,
    globalSetup: ['tools/test/global-setup.ts'],
    reporters: ['default', './tools/test/summary-reporter.ts'],
    coverage: {
      provider: 'v8',
      reporter: ['text-summary', 'html'],
      reportsDirectory: 'data/coverage',
      include: SOURCES.map((folder) => `${folder}/**/*.ts`),
      exclude: ['**/testing/**', '**/*.test.ts', 'wasm/assembly/**'],
    },
    projects: [
      {
        test: {
          ...shared,
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [...EXCLUDED, ...INTEGRATION, ...BROWSER],
          isolate: false,
        },
      },
      { test: { ...shared, name: 'integration', include: INTEGRATION, exclude: [...EXCLUDED, ...BROWSER, ...QUIET] } },
      { test: { ...shared, name: 'browser', include: BROWSER, exclude: EXCLUDED } },
      {
        test: {
          ...shared,
          name: 'quiet',
          include: QUIET,
          exclude: EXCLUDED,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
