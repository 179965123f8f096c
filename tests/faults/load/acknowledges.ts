import { waitFor } from '../../support/wait-for.ts';
import type { Load } from './load.ts';

/** Waits until `more` further votes of the load are acknowledged. */
export async function acknowledges(load: Load, more: number, timeoutMs = 30_000): Promise<void> {
  const goal = load.acknowledged + more;
  const what = `${more} more votes are acknowledged`;
  await waitFor(() => load.acknowledged >= goal || load.stopping, { what, timeoutMs });
  if (load.acknowledged < goal) throw new Error(`the load was stopped before ${what}`);
}
