import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureGoTool } from '../../../tools/test/go-tool.ts';
import { startChild } from '../../targets/process/child.ts';
import { type Core, DRIVER_NICE } from '../../targets/process/placement.ts';
import type { DriverJob, ProcessUsage } from '../job.ts';
import { makePool } from '../pool.ts';
import { readAllUsage, usageSince } from '../process-usage.ts';
import { EXTERNAL_TOOLS, type ExternalTool, type ToolResult, wrkScript } from './external-tools.ts';

const GRPC_PREFIX_BYTES = 5;

/** The tool's program, or why it is unavailable. ghz is built if Go is installed. */
export function findTool(tool: ExternalTool): { ok: true; program: string } | { ok: false; reason: string } {
  if (tool === 'ghz') return ensureGoTool(tool);
  const installed = spawnSync(tool, ['--version'], { stdio: 'ignore' }).error === undefined;
  return installed ? { ok: true, program: tool } : { ok: false, reason: 'it is not installed' };
}

export interface ExternalLoadOptions {
  readonly program: string;
  readonly seconds: number;
  /** See ToolRun. */
  readonly requestsPerSecond?: number;
  readonly core: Core;
}

/**
 * Drives a server with the first vote of a job. The tools count by status and decode nothing, so they miss a gRPC
 * error inside a 200.
 *
 * @returns the tool's counts, and the usage of the watched processes meanwhile
 * @throws {Error} if the tool fails or prints no totals
 */
export async function externalLoad(
  tool: ExternalTool,
  job: DriverJob,
  { program, core, ...run }: ExternalLoadOptions,
): Promise<ToolResult & { readonly usage: readonly ProcessUsage[] }> {
  const dir = await mkdtemp(join(tmpdir(), 'votewire-load-'));
  try {
    const [bodyFile, messageFile, scriptFile] = [join(dir, 'body'), join(dir, 'message'), join(dir, 'votes.lua')];
    const [body = Buffer.alloc(0)] = makePool({ ...job, requests: 1 }).bodies;
    await writeFile(bodyFile, body);
    // ghz makes the gRPC frame itself.
    await writeFile(messageFile, body.subarray(GRPC_PREFIX_BYTES));
    await writeFile(scriptFile, wrkScript(bodyFile));
    const { arguments: argumentsOf, read } = EXTERNAL_TOOLS[tool];
    // A generator that waits for its core sends larger bursts, which cost the server less.
    const priority = process.getuid?.() === 0 ? ['nice', '-n', `${DRIVER_NICE}`] : [];
    const command = [...priority, program, ...argumentsOf({ job, ...run, bodyFile, messageFile, scriptFile })];
    const before = readAllUsage(job.watch);
    await using child = await startChild({ command, core });
    const [code] = await once(child.process, 'close');
    const usage = usageSince(job.watch, before);
    const result = read(child.output());
    const complete = result.seconds > 0 && result.succeeded > 0 && result.failed >= 0;
    if (code !== 0 || !complete) throw new Error(`${tool} exited with ${code}, without totals:\n${child.output()}`);
    return { ...result, usage };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
