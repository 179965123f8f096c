/** `npm run fuzz -- <target> [--minutes 1] [--seed N]`: runs one fuzzer until it finds something or its time is over. */
const TARGETS: Readonly<Record<string, () => Promise<unknown>>> = {
  http1: () => import('../../edge/http1/fuzz/fuzz.ts'),
  http2: () => import('../../edge/http2/fuzz/fuzz.ts'),
};

const [target = ''] = process.argv.slice(2);
const run = TARGETS[target];
if (run === undefined) {
  console.error(`The target must be one of ${Object.keys(TARGETS).join(', ')}; got ${JSON.stringify(target)}`);
  process.exit(2);
}
await run();

export {};
