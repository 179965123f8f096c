import { freePort } from '../../supervisor/redis/redis-server.ts';
import { externalDrive } from '../load/external/external-drive.ts';
import type { ExternalTool } from '../load/external/external-run.ts';
import type { DriverJob } from '../load/job.ts';
import { drive } from '../targets/audit/drive.ts';
import { seededContest } from '../targets/baseline-system.ts';
import { startChild } from '../targets/child.ts';
import { awaitFirstVote } from '../targets/first-vote.ts';
import type { Placement } from '../targets/placement.ts';
import { ROOT } from '../targets/runtimes.ts';

/** The own driver beside a foreign one at one rate. */
export interface Calibration {
  readonly tool: ExternalTool;
  readonly connections: number;
  /** Replies a second, the best of the rounds. */
  readonly own: number;
  readonly foreign: number;
  readonly ratio: number;
  readonly within: boolean;
}

export interface CalibrationOptions {
  readonly connections: readonly number[];
  readonly rounds: number;
  readonly seconds: number;
  readonly placement: Placement;
}

const TOLERANCE = 0.05;

/** Drives a server of fixed service time with both generators, in turns, and compares what they report. */
export async function calibrate(tool: ExternalTool, options: CalibrationOptions): Promise<Calibration[]> {
  const { placement } = options;
  const [port, http2Port] = [await freePort(), await freePort()];
  const command = [process.execPath, `${ROOT}/bench/baselines/paced-server.ts`];
  const env = { PORT: `${port}`, HTTP2_PORT: `${http2Port}` };
  await using server = await startChild({ command, env, core: placement.server });
  const transport = tool === 'wrk' ? 'http1' : 'http2';
  const url = `http://127.0.0.1:${tool === 'wrk' ? port : http2Port}`;
  await awaitFirstVote({ url, transport }, server, 10_000);
  const { rule, options: choices } = seededContest('bandas');
  const results: Calibration[] = [];
  for (const connections of options.connections) {
    const job: DriverJob = {
      url,
      transport,
      shape: { kind: 'single' },
      connections,
      streams: 1,
      load: { kind: 'closed' },
      workload: { contest: 'bandas', rule, options: choices, payload: 'small', seed: 1 },
      warmupMs: 200,
      measureMs: options.seconds * 1000,
      watch: [],
    };
    const own: number[] = [];
    const foreign: number[] = [];
    for (let round = 0; round < options.rounds; round++) {
      const turns = [
        async () => own.push(rate(await drive(job, { core: placement.driver }))),
        async () => foreign.push(rate(await externalDrive(tool, job, placement.driver))),
      ];
      for (const turn of round % 2 === 0 ? turns : turns.reverse()) await turn();
    }
    // The best of the rounds: the server's time is fixed, and whatever else the machine does can only slow both down.
    const best = { own: Math.max(...own), foreign: Math.max(...foreign) };
    const ratio = best.own / best.foreign;
    results.push({ tool, connections, ...best, ratio, within: Math.abs(ratio - 1) <= TOLERANCE });
  }
  return results;
}

function rate({ window, seconds }: { window: { acknowledged: number }; seconds: number }): number {
  return window.acknowledged / seconds;
}
