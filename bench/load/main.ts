import { setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import { DRIVER_NICE } from '../targets/process/placement.ts';
import type { DriverJob, DriverResult, Outcomes, Window } from './job.ts';
import { type PreparedJob, prepareJob } from './run-job.ts';

/** Input of the driver process: one JSON object per line. End of input ends the process. */
export type DriverRequest =
  | { readonly type: 'job'; readonly id: number; readonly job: DriverJob }
  | { readonly type: 'warm-up'; readonly id: number }
  | { readonly type: 'measure'; readonly id: number; readonly window: Window };

/** Output of the driver process: one JSON object per line and request. */
export type DriverReply =
  | { readonly type: 'ready' }
  | { readonly type: 'warm'; readonly outcomes: Outcomes }
  | { readonly type: 'measured'; readonly result: DriverResult }
  | { readonly type: 'failed'; readonly message: string };

const say = (message: DriverReply) => process.stdout.write(`${JSON.stringify(message)}\n`);

raisePriority();
const jobs = new Map<number, PreparedJob>();
for await (const line of createInterface({ input: process.stdin })) {
  try {
    say(await answer(JSON.parse(line) as DriverRequest));
  } catch (error) {
    say({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
  }
}
for (const job of jobs.values()) job.close();

async function answer(request: DriverRequest): Promise<DriverReply> {
  if (request.type === 'job') {
    jobs.set(request.id, await prepareJob(request.job));
    return { type: 'ready' };
  }
  const prepared = jobs.get(request.id);
  if (prepared === undefined) throw new Error(`"${request.type}" came before job ${request.id}`);
  if (request.type === 'warm-up') return { type: 'warm', outcomes: await prepared.warmUp() };
  return { type: 'measured', result: await prepared.measure(request.window) };
}

function raisePriority() {
  try {
    setPriority(DRIVER_NICE);
  } catch {
    // Only root may raise the priority. Without it, the driver still reports when it is late.
  }
}
