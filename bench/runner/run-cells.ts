import type { Block } from '../cells/blocks.ts';
import { Calibration } from '../targets/calibration.ts';
import { Driver } from '../targets/driver.ts';
import { canCountSystemCalls } from '../targets/process/system-calls.ts';
import { CellSession, type SessionOptions } from './cell-session.ts';
import { blamesGenerator, judgeWindow, type Measurement, type Session } from './measurement.ts';

export interface BenchPlan extends SessionOptions {
  readonly blocks: readonly Block[];
  readonly measureMs: number;
  /**
   * Measures the cells of all blocks alternately instead of block by block, so that a run that ends early compares all.
   */
  readonly together: boolean;
  /** No pass, or round of windows if the blocks run together, starts if it would end later. */
  readonly fitMs?: number;
  /** The blocks that need further passes, most urgent first. Default: none. */
  readonly needMore?: (outcome: BenchOutcome) => readonly Block[];
  /** Ends the run; measurements so far are kept. */
  readonly signal: AbortSignal;
  readonly onBlock: (progress: Progress) => void;
}

export interface Progress {
  /** Undefined in a further pass of one block. */
  readonly place?: { readonly pass: number; readonly passes: number; readonly block: number; readonly blocks: number };
  /** Estimated time until the end of the last planned pass. */
  readonly leftMs: number;
  readonly name: string;
  readonly measurements: readonly Measurement[];
  readonly failures: readonly BenchFailure[];
}

/** A cell that could not be measured in a pass. */
export interface BenchFailure {
  readonly cell: string;
  readonly pass: number;
  readonly error: string;
}

export interface BenchOutcome {
  readonly measurements: readonly Measurement[];
  readonly sessions: readonly Session[];
  readonly failures: readonly BenchFailure[];
  /** Measurements omitted because the load generator fell behind. */
  readonly repeated: readonly Measurement[];
  readonly interrupted: boolean;
  /** True if the time ran out before the last window, or before each block had its required passes. */
  readonly cutShort: boolean;
}

const FEWEST_WINDOWS = 2;
const ATTEMPTS = 3;

/**
 * Measures each block in as many passes as it requires, each on new processes, and spends the remaining time on further
 * passes of the blocks that need them most. The cells of a block run at the same time and are measured alternately, A B
 * B A, so that the windows of a pair are seconds apart; the order of the blocks is reversed from pass to pass.
 */
export async function runCells(plan: BenchPlan): Promise<BenchOutcome> {
  await using run = new BenchRun(plan, await Calibration.start(plan.placement.server));
  return await run.all();
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };

class BenchRun implements AsyncDisposable {
  readonly #plan: BenchPlan;
  readonly #calibration: Calibration;
  readonly #countCalls = canCountSystemCalls();
  readonly #startedAt = performance.now();
  /** The longest duration of each block. */
  readonly #blockMs = new Map<string, number>();
  readonly #outcome: Mutable<BenchOutcome> = {
    measurements: [],
    sessions: [],
    failures: [],
    repeated: [],
    interrupted: false,
    cutShort: false,
  };

  constructor(plan: BenchPlan, calibration: Calibration) {
    this.#plan = plan;
    this.#calibration = calibration;
  }

  async all(): Promise<BenchOutcome> {
    const { together, signal } = this.#plan;
    const passes = Math.max(...this.#plan.blocks.map((block) => block.passes));
    for (let pass = 0; pass < passes; pass++) {
      const blocks = this.#plan.blocks.filter((block) => pass < block.passes);
      const groups = together ? [blocks] : (pass % 2 === 0 ? blocks : blocks.toReversed()).map((block) => [block]);
      for (const [at, group] of groups.entries()) {
        if (!signal.aborted) await this.#group(group, pass, { pass, passes, block: at, blocks: groups.length });
      }
    }
    await this.#furtherPasses();
    this.#outcome.interrupted = signal.aborted;
    return this.#outcome;
  }

  async #furtherPasses() {
    const { needMore = () => [], signal } = this.#plan;
    while (!signal.aborted) {
      const needed = needMore(this.#outcome);
      const next = needed.find(({ name }) => !this.#wouldEndLate(this.#blockMs.get(name) ?? 0));
      this.#outcome.cutShort ||= needed.length > 0 && next === undefined;
      if (next === undefined) return;
      const known = this.#outcome.measurements.filter(({ cell }) => next.cells.some(({ id }) => id === cell));
      await this.#group([next], Math.max(...known.map(({ pass }) => pass)) + 1);
    }
  }

  async [Symbol.asyncDispose]() {
    await this.#calibration[Symbol.asyncDispose]();
  }

  #wouldEndLate(takesMs: number): boolean {
    const { fitMs } = this.#plan;
    return fitMs !== undefined && performance.now() - this.#startedAt + takesMs > fitMs;
  }

  async #group(blocks: readonly Block[], pass: number, place?: Progress['place']) {
    const startedAt = performance.now();
    const { measurements, failures } = this.#outcome;
    const [measured, failed] = [measurements.length, failures.length];
    await using sessions = new AsyncDisposableStack();
    const loader = sessions.use(await Driver.start(this.#plan.placement.driver));
    const cells: CellSession[] = [];
    // One after the other, because two servers that start at once would share a core.
    for (const cell of blocks.flatMap((block) => block.cells)) {
      await this.#try(cell.id, pass, async () => {
        cells.push(sessions.use(await CellSession.start(cell, loader, this.#plan)));
      });
    }
    await this.#windows(pass, Math.max(...blocks.map((block) => block.windows)), cells);
    for (const session of cells) {
      await this.#try(session.cell.id, pass, async () => {
        if (pass === 0 && this.#countCalls && !this.#plan.together) await session.countSystemCalls();
        this.#outcome.sessions.push(await session.audit(pass));
      });
    }
    const name = nameOf(blocks);
    this.#blockMs.set(name, Math.max(this.#blockMs.get(name) ?? 0, performance.now() - startedAt));
    this.#plan.onBlock({
      ...(place === undefined ? {} : { place }),
      leftMs: this.#leftMs(place),
      name,
      measurements: measurements.slice(measured),
      failures: failures.slice(failed),
    });
  }

  #leftMs(place: Progress['place']): number {
    const elapsed = performance.now() - this.#startedAt;
    if (this.#plan.needMore !== undefined && this.#plan.fitMs !== undefined) return this.#plan.fitMs - elapsed;
    if (place === undefined) return 0;
    const done = place.pass * place.blocks + place.block + 1;
    return ((place.passes * place.blocks - done) * elapsed) / done;
  }

  async #windows(pass: number, windows: number, cells: readonly CellSession[]) {
    const { together, signal } = this.#plan;
    let roundMs = 0;
    for (let window = 0; window < windows && !signal.aborted; window++) {
      if (together && window >= FEWEST_WINDOWS && this.#wouldEndLate(roundMs)) {
        this.#outcome.cutShort = true;
        return;
      }
      const startedAt = performance.now();
      for (const session of window % 2 === 0 ? cells : cells.toReversed()) {
        if (!signal.aborted) await this.#try(session.cell.id, pass, () => this.#window(pass, window, session));
      }
      roundMs = performance.now() - startedAt;
    }
  }

  /** One measurement. It is repeated if the load generator fell behind, and omitted if that happens every time. */
  async #window(pass: number, window: number, session: CellSession) {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const before = await this.#calibration.read();
      const driver = await session.measure(this.#plan.measureMs);
      const calibrationMs = (before + (await this.#calibration.read())) / 2;
      const invalid = judgeWindow(driver, session.cell);
      const measurement = { cell: session.cell.id, pass, window, invalid, driver, calibrationMs };
      if (!blamesGenerator(measurement)) {
        this.#outcome.measurements.push(measurement);
        return;
      }
      this.#outcome.repeated.push(measurement);
    }
  }

  async #try(cell: string, pass: number, run: () => Promise<void>) {
    try {
      await run();
    } catch (error) {
      if (this.#plan.signal.aborted) return;
      this.#outcome.failures.push({ cell, pass, error: error instanceof Error ? error.message : String(error) });
    }
  }
}

function nameOf(blocks: readonly Block[]): string {
  return blocks.map(({ name }) => name).join(', ');
}
