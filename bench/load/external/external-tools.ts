import type { DriverJob } from '../job.ts';

export type ExternalTool = 'wrk' | 'h2load' | 'ghz';

/** One run that repeats a single vote. */
export interface ToolRun {
  readonly job: Pick<DriverJob, 'url' | 'transport' | 'connections' | 'streams'>;
  readonly seconds: number;
  /** Only ghz can send at a given rate, evenly spaced. Undefined: as fast as the server answers. */
  readonly requestsPerSecond?: number | undefined;
  /** Files with the body of a request, with its protobuf message alone, and with the script for wrk. */
  readonly bodyFile: string;
  readonly messageFile: string;
  readonly scriptFile: string;
}

/** The counts of a tool. */
export interface ToolResult {
  /** Duration as measured by the tool. */
  readonly seconds: number;
  /** Requests answered with success. */
  readonly succeeded: number;
  readonly failed: number;
}

interface Tool {
  readonly arguments: (run: ToolRun) => readonly string[];
  /** Fields are NaN if the output lacks them. */
  readonly read: (output: string) => ToolResult;
}

const RPC = 'votewire.v1.VoteService/CastVote';
const UNITS: Readonly<Record<string, number>> = { ns: 1e-9, µs: 1e-6, ms: 1e-3, s: 1 };

export const EXTERNAL_TOOLS: Readonly<Record<ExternalTool, Tool>> = {
  wrk: {
    arguments: ({ job, seconds, scriptFile }) => {
      const load = ['--threads', '1', '--connections', `${job.connections}`, '--duration', `${seconds}s`];
      return [...load, '--script', scriptFile, `${job.url}/v1/votes`];
    },
    read(output) {
      const [succeeded = Number.NaN, failed = Number.NaN, micros] = numbersIn(output, /^RESULT (\d+) (\d+) (\d+)$/m);
      return { seconds: Number(micros) / 1e6, succeeded, failed };
    },
  },
  h2load: {
    arguments({ job, seconds, bodyFile }) {
      const overGrpc = job.transport === 'grpc';
      const headers = overGrpc
        ? ['content-type: application/grpc', 'te: trailers']
        : ['content-type: application/json'];
      const load = ['-c', `${job.connections}`, '-m', `${job.streams}`, '-D', `${seconds}`, '-d', bodyFile];
      const url = `${job.url}/${overGrpc ? RPC : 'v1/votes'}`;
      return [...load, ...headers.flatMap((header) => ['-H', header]), url];
    },
    read(output) {
      const statuses = numbersIn(output, /status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx/);
      const [succeeded = Number.NaN, ...others] = statuses;
      const failed = others.reduce((sum, count) => sum + count, 0);
      return { seconds: secondsIn(output, /finished in ([\d.]+)(m?s)/), succeeded, failed };
    },
  },
  ghz: {
    // ghz gets the service description from the server by reflection.
    arguments: ({ job, seconds, requestsPerSecond, messageFile }) => [
      '--insecure',
      ...(requestsPerSecond === undefined ? [] : [`--rps=${Math.round(requestsPerSecond)}`]),
      `--call=${RPC}`,
      `--binary-file=${messageFile}`,
      `--concurrency=${job.connections * job.streams}`,
      `--connections=${job.connections}`,
      `--duration=${seconds}s`,
      // Otherwise the calls in flight at the end would count as failed.
      '--duration-stop=wait',
      '--format=summary',
      new URL(job.url).host,
    ],
    read(output) {
      const [count = Number.NaN] = numbersIn(output, /^\s*Count:\s+(\d+)$/m);
      const [succeeded = Number.NaN] = numbersIn(output, /^\s*\[OK\]\s+(\d+) responses/m);
      const seconds = secondsIn(output, /^\s*Total:\s+([\d.]+) (ns|µs|ms|s)$/m);
      return { seconds, succeeded, failed: count - succeeded };
    },
  },
};

/** Makes wrk send the content of a file, and print the line that is parsed above. */
export const wrkScript = (bodyFile: string) => `local file = io.open("${bodyFile}", "rb")
wrk.method = "POST"
wrk.body = file:read("*a")
wrk.headers["content-type"] = "application/json"
function done(summary)
  local errors = summary.errors
  local failed = errors.status + errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format("RESULT %d %d %d\\n", summary.requests - errors.status, failed, summary.duration))
end
`;

function numbersIn(output: string, pattern: RegExp): number[] {
  return pattern.exec(output)?.slice(1).map(Number) ?? [];
}

function secondsIn(output: string, pattern: RegExp): number {
  const [, time, unit = ''] = pattern.exec(output) ?? [];
  return Number(time) * (UNITS[unit] ?? Number.NaN);
}
