import { setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import type { DriverJob, DriverResult, SecondRow } from './job.ts';
import { prepareJob } from './run-job.ts';

/** What the driver process prints, one JSON object a line. */
export type DriverMessage =
  | { readonly type: 'ready' }
  /** The load runs and the window is about to begin; it does when `measure` was answered. */
  | { readonly type: 'warm' }
  | { readonly type: 'second'; readonly row: SecondRow }
  | { readonly type: 'done'; readonly result: DriverResult }
  | { readonly type: 'failed'; readonly message: string };

/** Nice value of the driver's event loop, where it may have one: below 0 is ahead of others. */
const AHEAD_OF_OTHERS = -10;

const say = (message: DriverMessage) => process.stdout.write(`${JSON.stringify(message)}\n`);

// Standard input: the job as one line of JSON, then a line `go`, then a line `measure`. It ends with the process that
// asked for the run, and this one with it.
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
try {
  const { value, done } = await lines.next();
  // Nobody had a job for it in the end.
  if (done) process.exit(0);
  goAhead();
  const job = JSON.parse(value) as DriverJob;
  const prepared = await prepareJob(job);
  say({ type: 'ready' });
  const go = await lines.next();
  if (go.value === 'go') {
    const onWarm = async () => {
      say({ type: 'warm' });
      if ((await lines.next()).value !== 'measure') process.exit(1);
      lines.next().then(({ done }) => {
        if (done) process.exit(1);
      });
    };
    say({ type: 'done', result: await prepared.run({ onWarm, onSecond: (row) => say({ type: 'second', row }) }) });
  }
} catch (error) {
  say({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
}
process.stdin.destroy();

/** On two cores the driver shares one with Redis and the consumer: what is due must not wait behind their work. */
function goAhead() {
  try {
    setPriority(AHEAD_OF_OTHERS);
  } catch {
    // Only root may. Without it the driver finds out by itself when it is late.
  }
}
