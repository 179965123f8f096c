import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExternalRun, ToolRun } from './external-run.ts';

/** The command of one wrk run; its script prints what `readWrk` reads. */
export async function wrkCommand({ program, job, dir, seconds }: ToolRun): Promise<string[]> {
  const type = job.shape.kind === 'batch' ? 'application/x-ndjson' : 'application/json';
  const script = join(dir, 'votes.lua');
  await writeFile(
    script,
    `local file = io.open("${join(dir, 'body')}", "rb")
wrk.method = "POST"
wrk.path = "/v1/votes"
wrk.body = file:read("*a")
wrk.headers["content-type"] = "${type}"
function done(summary)
  local errors = summary.errors
  local failed = errors.status + errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format("RESULT %d %d %d %d\\n", summary.requests - errors.status, failed, summary.bytes,
    summary.duration))
end
`,
  );
  return [program, '-t', '1', '-c', `${job.connections}`, '-d', `${seconds}s`, '-s', script, `${job.url}/v1/votes`];
}

/** @throws {Error} if the output has no result */
export function readWrk(text: string): ExternalRun {
  const numbers = /^RESULT (\d+) (\d+) (\d+) (\d+)$/m.exec(text)?.slice(1).map(Number);
  if (numbers === undefined) throw new Error(`wrk printed no result:\n${text}`);
  const [succeeded = 0, failed = 0, bytesIn = 0, duration = 0] = numbers;
  return { seconds: duration / 1e6, succeeded, failed, bytesIn };
}
