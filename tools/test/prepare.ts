import { build } from '../../supervisor/build/build.ts';
import { ensureTestTools } from './ensure-test-tools.ts';

/** `npm run pretest`: installs what the tests need where it may, and builds what is out of date. */
const problems = ensureTestTools();
for (const problem of problems) console.log(problem);
if (problems.length > 0 && process.env.CI === 'true') process.exit(1);
await build({ onLine: console.log });
