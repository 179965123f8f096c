import { join } from 'node:path';
import type { ExternalRun, ToolRun } from './external-run.ts';

/** The command of one ghz run. It learns the service from the server by reflection. */
export function ghzCommand({ program, job, dir, seconds }: ToolRun): string[] {
  const method = job.shape.kind === 'batch' ? 'CastVotes' : 'CastVote';
  const calls = [`--concurrency=${job.connections * job.streams}`, `--connections=${job.connections}`];
  // Without "wait" the calls in flight at the end would count as failed.
  const length = [`--duration=${seconds}s`, '--duration-stop=wait'];
  const data = ['--insecure', `--call=votewire.v1.VoteService/${method}`, `--binary-file=${join(dir, 'message')}`];
  return [program, ...data, ...calls, ...length, '--format=summary', new URL(job.url).host];
}

const UNITS: Readonly<Record<string, number>> = { ns: 1e-9, µs: 1e-6, ms: 1e-3, s: 1 };

/** @throws {Error} if the output has no totals */
export function readGhz(text: string): ExternalRun {
  const [, total, unit = ''] = /^\s*Total:\s+([\d.]+) (ns|µs|ms|s)$/m.exec(text) ?? [];
  const count = Number(/^\s*Count:\s+(\d+)$/m.exec(text)?.[1]);
  const succeeded = Number(/^\s*\[OK\]\s+(\d+) responses$/m.exec(text)?.[1]);
  const seconds = Number(total) * (UNITS[unit] ?? Number.NaN);
  if (!(seconds > 0 && count >= succeeded)) throw new Error(`ghz printed no totals:\n${text}`);
  // ghz reports no bytes.
  return { seconds, succeeded, failed: count - succeeded, bytesIn: Number.NaN };
}
