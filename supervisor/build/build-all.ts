import { build } from './build.ts';

/** `npm run build`: builds what is missing or out of date. */
try {
  await build({ onLine: console.log });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
