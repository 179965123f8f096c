import { build } from './build.ts';

/** `npm run build`: builds missing or outdated artifacts. */
try {
  await build({ onLine: console.log });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
