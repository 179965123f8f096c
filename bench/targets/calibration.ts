import { createInterface } from 'node:readline';
import { LineProcess } from './process/line-process.ts';
import type { Core } from './process/placement.ts';

const RECORDS = 2_000;
const REPEATS = 5;

/** Measures the speed of the server's core between two windows, in a process pinned to that core. */
export class Calibration implements AsyncDisposable {
  readonly #process: LineProcess;

  private constructor(process: LineProcess) {
    this.#process = process;
  }

  static async start(core: Core): Promise<Calibration> {
    return new Calibration(await LineProcess.start(import.meta.filename, core));
  }

  /** Measures the CPU-milliseconds of the fixed workload now. */
  async read(): Promise<number> {
    return Number(await this.#process.ask(''));
  }

  async [Symbol.asyncDispose]() {
    await this.#process[Symbol.asyncDispose]();
  }
}

/** The shortest of a few runs of parsing and writing 150 kB of JSON, work similar to that of the servers under test. */
function measureCalibration(text: string): number {
  let shortest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < REPEATS; i++) {
    const before = process.cpuUsage();
    JSON.stringify(JSON.parse(text));
    const { user, system } = process.cpuUsage(before);
    shortest = Math.min(shortest, (user + system) / 1000);
  }
  return shortest;
}

if (process.argv[1] === import.meta.filename) {
  const records = Array.from({ length: RECORDS }, (_, at) => ({
    voter: `voter-${at}`,
    album: `Album ${at % 97}`,
    year: at,
  }));
  const text = JSON.stringify(records);
  for await (const _line of createInterface({ input: process.stdin })) console.log(measureCalibration(text));
}
