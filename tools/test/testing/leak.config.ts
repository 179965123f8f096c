import { defineConfig } from 'vitest/config';

/** A run with one test, which leaves a process running. */
export default defineConfig({
  root: import.meta.dirname,
  test: { include: ['leak.ts'], globalSetup: '../global-setup.ts', reporters: '../summary-reporter.ts' },
});
