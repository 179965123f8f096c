import type { ClaimRecord } from '../../../store/monitoring/claims.ts';
import type { ProcessEvent } from '../../../store/monitoring/process-events.ts';
import type { SystemView } from '../../../store/monitoring/system.ts';
import type { SystemEvent } from '../../api/system-history.ts';

/** Tolerance for a claim recorded by a clock that is slightly behind. */
const CLOCK_MS = 2000;

const TEXTS: Readonly<Record<ProcessEvent['change'], string>> = {
  started: 'started',
  'fell silent': 'stopped reporting',
  'reports again': 'reports again',
  'stopped in order': 'shut down cleanly',
};

/**
 * Formats events for operators. The claims name the consumers that took over the entries of a silent one.
 *
 * @param events newest first
 */
export function describeEvents(
  events: readonly ProcessEvent[],
  claims: readonly ClaimRecord[],
  consumers: SystemView['consumers'],
): SystemEvent[] {
  return events.map((event, index) => {
    const { at, role, name, change } = event;
    const bad = change === 'fell silent';
    let rest = '';
    if (bad && role === 'Consumer') {
      const next = events.slice(0, index).findLast((later) => later.name === name && later.change === change);
      const from = at - CLOCK_MS;
      const until = (next?.at ?? Number.POSITIVE_INFINITY) - CLOCK_MS;
      const own = claims.filter((claim) => claim.from === name && claim.at >= from && claim.at < until);
      rest = fateOf(next === undefined ? pendingOf(name, consumers) : 0, own);
    }
    return { at: new Date(at).toISOString(), text: `${role} ${name} ${TEXTS[change]}${rest}`, bad };
  });
}

function fateOf(pending: number, claims: readonly ClaimRecord[]): string {
  const claimers = new Map<string, number>();
  for (const { by, entries } of claims) claimers.set(by, (claimers.get(by) ?? 0) + entries);
  const list = [...claimers].map(([by, count]) => `${by} (${count})`);
  const claimed = list.length === 0 ? '' : `; its entries were claimed by ${list.join(', ')}`;
  return pending === 0 ? claimed : `${claimed}; ${entries(pending)} not claimed yet`;
}

function entries(count: number): string {
  return count === 1 ? '1 entry' : `${count} entries`;
}

/** Entries that are pending for the consumer now. */
function pendingOf(name: string, consumers: SystemView['consumers']): number {
  const { pending = {} } = consumers.find((one) => one.name === name && !one.alive) ?? {};
  return Object.values(pending).reduce((sum, count) => sum + count, 0);
}
