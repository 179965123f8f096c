import type { Logged } from '../check/logged.ts';
import type { Load, LoadOptions } from '../load/load.ts';
import type { RandomSource } from '../load/seeded.ts';
import type { System, SystemOptions } from '../system/system.ts';

/** What a row works on. */
export interface FaultRun {
  readonly system: System;
  readonly load: Load;
  /** The source of every choice of the row. */
  readonly random: RandomSource;
  /** What logs held that the fault destroyed. */
  readonly lostLogs: Logged[];
  /** Records an invariant that does not hold. */
  violation(what: string): void;
}

/** One row of the fault matrix. */
export interface Fault {
  /** As `F1`. */
  readonly id: string;
  readonly title: string;
  readonly system?: SystemOptions;
  readonly load?: Partial<LoadOptions>;
  /** Entries that the fault itself puts into the streams and that must end as dead letters. Default 0. */
  readonly poison?: number;
  /** Most milliseconds from the end of the fault to the next acknowledged vote. Default: only reported. */
  readonly backWithinMs?: number;
  /** Redis itself goes back in time, and the results with it. Default false. */
  readonly resultsMayGoBack?: boolean;
  /** Causes the fault while votes come in, and heals it. */
  inflict(run: FaultRun): Promise<void>;
  /** What an operator does afterwards, without load and with drained streams. */
  settle?(run: FaultRun): Promise<void>;
  /** Further invariants of the row, given what the log holds. */
  verify?(run: FaultRun, logged: Logged): Promise<void> | void;
}
