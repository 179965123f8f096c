import type { Load, LoadOptions } from '../load/load.ts';
import type { RandomSource } from '../load/seeded.ts';
import type { System, SystemOptions } from '../system/system.ts';

/** One row of the fault matrix. */
export interface Fault {
  /** As `F1`. */
  readonly id: string;
  readonly title: string;
  readonly system?: SystemOptions;
  readonly load?: Partial<LoadOptions>;
  /** Entries that the fault itself puts into the streams and that must end as dead letters. Default 0. */
  readonly poison?: number;
  /** Causes the fault while votes come in, and heals it. All its choices come from `random`. */
  inflict(system: System, load: Load, random: RandomSource): Promise<void>;
}
