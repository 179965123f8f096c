import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild } from '../../targets/child.ts';
import type { Core } from '../../targets/placement.ts';
import type { DriverJob, DriverResult, Outcomes } from '../job.ts';
import { makePool } from '../pool.ts';
import { readAllCpu, readCpuSeconds, usageSince } from '../process-usage.ts';
import type { ExternalRun, ExternalTool, ToolRun } from './external-run.ts';
import { h2loadCommand, readH2load } from './h2load.ts';
import { readWrk, wrkCommand } from './wrk.ts';

/** A run, and what the tool itself spent on it. */
interface WatchedRun extends ExternalRun {
  readonly cpuSeconds: number;
}

export function isInstalled(tool: ExternalTool): boolean {
  return spawnSync(tool, ['--version'], { stdio: 'ignore' }).error === undefined;
}

/**
 * Sends a job's votes with h2load or wrk. They repeat one body, count by status and decode nothing, so they miss a gRPC
 * error inside a 200.
 *
 * @throws {Error} if the tool is not installed, fails, or cannot do the job
 */
export async function externalDrive(tool: ExternalTool, job: DriverJob, core: Core): Promise<DriverResult> {
  if (job.load.kind !== 'closed') throw new Error(`${tool} drives closed loops only`);
  if (job.shape.kind === 'stream') throw new Error(`${tool} can't hold a StreamVotes call`);
  if (tool === 'wrk' && job.transport !== 'http1') throw new Error('wrk speaks HTTP/1.1 only');
  if (tool === 'h2load' && job.transport === 'http1')
    throw new Error('h2load is for HTTP/2 here; use wrk for HTTP/1.1');
  const pool = makePool(job, 1);
  const dir = await mkdtemp(join(tmpdir(), 'votewire-load-'));
  try {
    await writeFile(join(dir, 'body'), pool.bodies[0] ?? '');
    const run = (seconds: number) => runTool({ tool, job, dir, seconds, core });
    // They count in whole seconds.
    const warmUpSeconds = Math.round(job.warmupMs / 1000);
    const warm = warmUpSeconds > 0 ? [await run(warmUpSeconds)] : [];
    const before = readAllCpu(job.watch);
    const measured = await run(Math.max(1, Math.round(job.measureMs / 1000)));
    const usage = usageSince(job.watch, before);
    // What was in flight when a run ended was stored or not.
    const open = job.connections * job.streams * pool.votesPerRequest;
    return {
      driver: tool,
      seconds: measured.seconds,
      window: outcomes([measured], pool.votesPerRequest, 0),
      total: outcomes([...warm, measured], pool.votesPerRequest, (warm.length + 1) * open),
      failures: [],
      latency: null,
      bytesIn: measured.bytesIn,
      bytesOut: null,
      usage,
      generator: { cpuShare: measured.cpuSeconds / measured.seconds, due: 0, late: 0, unsent: 0 },
      rows: [],
    };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function outcomes(runs: readonly ExternalRun[], votes: number, unknown: number): Outcomes {
  const sum = (pick: (run: ExternalRun) => number) => runs.reduce((total, run) => total + pick(run), 0) * votes;
  const acknowledged = sum((run) => run.succeeded);
  const failed = sum((run) => run.failed);
  return { offered: acknowledged + failed + unknown, acknowledged, failed, unknown };
}

/** How often a tool's CPU time is read: what it spends after the last reading goes unseen. */
const WATCH_MS = 20;

async function runTool(run: ToolRun): Promise<WatchedRun> {
  const command = run.tool === 'wrk' ? await wrkCommand(run) : h2loadCommand(run);
  await using child = await startChild({ command, core: run.core });
  let cpuSeconds = 0;
  const watch = setInterval(() => {
    cpuSeconds = Math.max(cpuSeconds, readCpuSeconds(child.pid) ?? 0);
  }, WATCH_MS);
  try {
    const [code] = await once(child.process, 'close');
    const text = child.output();
    if (code !== 0) throw new Error(`${run.tool} ended with ${code}:\n${text}`);
    return { ...(run.tool === 'wrk' ? readWrk(text) : readH2load(text)), cpuSeconds };
  } finally {
    clearInterval(watch);
  }
}
