import type { Logged } from '../check/logged.ts';
import type { Load, LoadOptions } from '../load/load.ts';
import type { RandomSource } from '../load/seeded.ts';
import type { System, SystemOptions } from '../system/system.ts';

/** The context of a row. */
export interface FaultRun {
  readonly system: System;
  readonly load: Load;
  /** The source of every choice of the row. */
  readonly random: RandomSource;
  /** Contents of logs that the fault destroyed. */
  readonly lostLogs: Logged[];
  /** Records a violated invariant. */
  violation(what: string): void;
}

/** One row of the fault matrix. */
export interface Fault {
  /** Such as `F1`. */
  readonly id: string;
  readonly title: string;
  readonly system?: SystemOptions;
  readonly load?: Partial<LoadOptions>;
  /** Number of entries that the fault itself writes and that must become dead letters. Default 0. */
  readonly poison?: number;
  /** Maximum milliseconds from the end of the fault to the next acknowledged vote. Default: only reported. */
  readonly backWithinMs?: number;
  /** True if Redis itself loses recent data, so that results may decrease. Default false. */
  readonly resultsMayGoBack?: boolean;
  /** Causes the fault while votes arrive, and heals it. */
  inflict(run: FaultRun): Promise<void>;
  /** The operator's actions afterwards, without load and with drained streams. */
  settle?(run: FaultRun): Promise<void>;
  /** Checks further invariants of the row, given the contents of the log. */
  verify?(run: FaultRun, logged: Logged): Promise<void> | void;
}
