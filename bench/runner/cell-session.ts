import { setTimeout as delay } from 'node:timers/promises';
import type { Cell } from '../cells/cell.ts';
import type { DriverResult, Load, Outcomes } from '../load/job.ts';
import { makeJob } from '../load/make-job.ts';
import type { Driver, OpenJob } from '../targets/driver.ts';
import type { Placement } from '../targets/process/placement.ts';
import { countSystemCalls } from '../targets/process/system-calls.ts';
import type { System } from '../targets/system.ts';
import { judgeAccount, type Session } from './measurement.ts';

/** Minimum window for measuring the capacity of a server. */
const CAPACITY_MS = 600;
const COUNT_CALLS_MS = 400;
/** Time for votes whose connection broke to reach Redis. */
const OPEN_VOTES_MS = 1500;
/** A 99th percentile needs this many samples. */
const SAMPLES = 1_050;

export interface SessionOptions {
  readonly placement: Placement;
  readonly warmupMs: number;
  readonly startSystem: (cell: Cell, placement: Placement) => Promise<System>;
}

/** A cell's server and its load, on the same processes over all windows of a pass. */
export class CellSession implements AsyncDisposable {
  readonly cell: Cell;
  readonly #system: System;
  readonly #driver: OpenJob;
  readonly #owned: AsyncDisposableStack;
  #acknowledged: number;
  #unknown = 0;
  #capacity = 0;
  #systemCallsPerVote: number | null = null;

  private constructor(cell: Cell, parts: { system: System; driver: OpenJob; owned: AsyncDisposableStack }) {
    this.cell = cell;
    this.#system = parts.system;
    this.#driver = parts.driver;
    this.#owned = parts.owned;
    this.#acknowledged = parts.system.acknowledgedBefore;
  }

  /**
   * Starts the server and warms it up.
   *
   * @param loader the load generator process, shared by the cells of a block so that it is warm
   * @throws {Error} if the server does not start or accepts no votes
   */
  static async start(cell: Cell, loader: Driver, options: SessionOptions): Promise<CellSession> {
    const { placement, warmupMs, startSystem } = options;
    await using started = new AsyncDisposableStack();
    const system = started.use(await startSystem(cell, placement));
    const { transport, encoding, shape, connections, streams } = cell;
    const settings = { transport, encoding, shape, connections, streams, warmupMs };
    const driver = await loader.open(makeJob(system, cell.contest, settings));
    const session = new CellSession(cell, { system, driver, owned: started.move() });
    await session.#warmUp();
    return session;
  }

  /** Measures one window and waits until its votes are counted, because a backlog would disturb the next cell. */
  async measure(measureMs: number): Promise<DriverResult> {
    const load = this.#load();
    const enough = load.kind === 'open' ? (SAMPLES / load.requestsPerSecond) * 1000 : 0;
    const result = await this.#driver.measure({ load, measureMs: Math.max(measureMs, enough) });
    await this.#add(result.total);
    return result;
  }

  /** Counts system calls in a separate window, because counting takes time itself. */
  async countSystemCalls(): Promise<void> {
    const pid = this.#system.watch.find(({ name }) => name === 'server')?.pid;
    if (pid === undefined || this.cell.load.kind !== 'closed') return;
    let votes = 0;
    const calls = await countSystemCalls(pid, async () => {
      const { total } = await this.#driver.measure({ load: { kind: 'closed' }, measureMs: COUNT_CALLS_MS });
      votes = total.acknowledged;
      await this.#add(total);
    });
    this.#systemCallsPerVote = calls === null || votes === 0 ? null : calls / votes;
  }

  /** Checks that acknowledged, stored and counted votes agree. */
  async audit(pass: number): Promise<Session> {
    if (this.#unknown > 0) await delay(OPEN_VOTES_MS);
    const audit = (await this.#system.storage?.audit()) ?? null;
    return {
      cell: this.cell.id,
      pass,
      invalid: judgeAccount({ acknowledged: this.#acknowledged, unknown: this.#unknown, audit }),
      acknowledged: this.#acknowledged,
      audit,
      coldStartMs: this.#system.coldStartMs,
      systemCallsPerVote: this.#systemCallsPerVote,
    };
  }

  async [Symbol.asyncDispose]() {
    await this.#owned.disposeAsync();
  }

  async #warmUp() {
    await this.#add(await this.#driver.warmUp());
    if (this.cell.load.kind !== 'share') return;
    const { total, window, seconds } = await this.#driver.measure({
      load: { kind: 'closed' },
      measureMs: CAPACITY_MS,
    });
    await this.#add(total);
    const votes = this.cell.shape.kind === 'single' ? 1 : this.cell.shape.size;
    this.#capacity = window.acknowledged / votes / seconds;
  }

  #load(): Load {
    const { load } = this.cell;
    return load.kind === 'share' ? { kind: 'open', requestsPerSecond: this.#capacity * load.factor } : load;
  }

  async #add({ acknowledged, unknown }: Outcomes) {
    this.#acknowledged += acknowledged;
    this.#unknown += unknown;
    // The audit detects a server that loses votes; here it must not end the run.
    await this.#system.storage?.counted(this.#acknowledged).catch(() => undefined);
  }
}
