import type { SystemView } from '../../../store/monitoring/system.ts';
import type { System } from '../system/system.ts';

/** `/api/system` of the dashboard. */
export async function readSystemView(system: System): Promise<SystemView> {
  const response = await fetch(`${system.dashboardUrl}/api/system`);
  if (!response.ok) throw new Error(`/api/system answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as SystemView;
}

/** The gaps of the ledger, as the dashboard shows them. */
export async function readGaps(system: System): Promise<readonly string[]> {
  return (await readSystemView(system)).ledger.gaps;
}
