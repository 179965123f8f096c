import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findGoTool } from '../../../tools/test/go-tool.ts';
import { startChild } from '../../targets/process/child.ts';
import type { Core } from '../../targets/process/placement.ts';
import type { DriverJob, DriverResult, Outcomes, Window } from '../job.ts';
import { makePool } from '../pool.ts';
import { readAllUsage, readCpuSeconds, usageSince } from '../process-usage.ts';
import type { ExternalRun, ExternalTool, ToolRun } from './external-run.ts';
import { ghzCommand, readGhz } from './ghz.ts';
import { h2loadCommand, readH2load } from './h2load.ts';
import { readWrk, wrkCommand } from './wrk.ts';

const GRPC_PREFIX_BYTES = 5;

/** A run and the CPU time of the tool itself. */
interface WatchedRun extends ExternalRun {
  readonly cpuSeconds: number;
}

/** The path of a tool; undefined if it is not installed. */
export function findTool(tool: ExternalTool): string | undefined {
  if (tool === 'ghz') return findGoTool(tool);
  return spawnSync(tool, ['--version'], { stdio: 'ignore' }).error === undefined ? tool : undefined;
}

/**
 * Sends a job's votes with h2load, wrk or ghz. They repeat one body, count by status and decode nothing, so they miss a gRPC
 * error inside a 200.
 *
 * @throws {Error} if the tool is not installed, fails, or cannot do the job
 */
export async function externalDrive(
  tool: ExternalTool,
  job: DriverJob,
  { window, core }: { readonly window: Window; readonly core: Core },
): Promise<DriverResult> {
  if (window.load.kind !== 'closed') throw new Error(`${tool} drives closed loops only`);
  if (job.shape.kind === 'stream') throw new Error(`${tool} cannot hold a StreamVotes call`);
  if (tool === 'wrk' && job.transport !== 'http1') throw new Error('wrk speaks HTTP/1.1 only');
  if (tool === 'h2load' && job.transport === 'http1')
    throw new Error('h2load is for HTTP/2 here; use wrk for HTTP/1.1');
  if (tool === 'ghz' && job.transport !== 'grpc') throw new Error('ghz speaks gRPC only');
  const program = findTool(tool);
  if (program === undefined) throw new Error(`${tool} is not installed`);
  const pool = makePool(job, 1);
  const dir = await mkdtemp(join(tmpdir(), 'votewire-load-'));
  try {
    const body = pool.bodies[0] ?? Buffer.alloc(0);
    await writeFile(join(dir, 'body'), body);
    // ghz makes the gRPC frame itself.
    await writeFile(join(dir, 'message'), body.subarray(GRPC_PREFIX_BYTES));
    const run = (seconds: number) => runTool({ tool, program, job, dir, seconds, core });
    const before = readAllUsage(job.watch);
    // The tools count in whole seconds.
    const measured = await run(Math.max(1, Math.round(window.measureMs / 1000)));
    const usage = usageSince(job.watch, before);
    // Requests in flight at the end of a run are stored or not.
    const open = job.connections * job.streams * pool.votesPerRequest;
    return {
      driver: tool,
      seconds: measured.seconds,
      window: outcomes([measured], pool.votesPerRequest, 0),
      total: outcomes([measured], pool.votesPerRequest, open),
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

type Tool = { readonly command: readonly string[]; readonly read: (text: string) => ExternalRun };
const TOOLS: Readonly<Record<ExternalTool, (run: ToolRun) => Tool | Promise<Tool>>> = {
  wrk: async (run) => ({ command: await wrkCommand(run), read: readWrk }),
  h2load: (run) => ({ command: h2loadCommand(run), read: readH2load }),
  ghz: (run) => ({ command: ghzCommand(run), read: readGhz }),
};

/** How often the CPU time of a tool is read; what it spends after the last reading is not counted. */
const WATCH_MS = 20;

async function runTool(run: ToolRun): Promise<WatchedRun> {
  const { command, read } = await TOOLS[run.tool](run);
  await using child = await startChild({ command, core: run.core });
  let cpuSeconds = 0;
  const watch = setInterval(() => {
    cpuSeconds = Math.max(cpuSeconds, readCpuSeconds(child.pid) ?? 0);
  }, WATCH_MS);
  try {
    const [code] = await once(child.process, 'close');
    const text = child.output();
    if (code !== 0) throw new Error(`${run.tool} ended with ${code}:\n${text}`);
    return { ...read(text), cpuSeconds };
  } finally {
    clearInterval(watch);
  }
}
