import type { ClaimRecord } from '../../../store/monitoring/claims.ts';
import type { SystemView } from '../../../store/monitoring/system.ts';
import type { SystemEvent } from '../../api/system-history.ts';

/** A consumer or an edge that started or stopped. */
export interface ProcessEvent {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly role: 'Consumer' | 'Edge';
  readonly name: string;
  readonly what: 'started reporting' | 'stopped reporting' | 'stopped in order';
  /** Entries that were pending for it. */
  readonly pending: number;
}

/** A claim may be recorded by a clock that is a little behind. */
const CLOCK_MS = 2000;

/** The processes that changed between two readings. One that stops in order is not listed later. */
export function processEvents(before: SystemView, after: SystemView, now: number): ProcessEvent[] {
  const earlier = new Map(processesOf(before).map((one) => [`${one.role} ${one.name}`, one]));
  const changed = processesOf(after).flatMap(({ role, name, alive, ageMs, pending }): ProcessEvent[] => {
    const was = earlier.get(`${role} ${name}`)?.alive ?? false;
    if (was === alive) return [];
    return [{ at: now - ageMs, role, name, what: alive ? 'started reporting' : 'stopped reporting', pending }];
  });
  const present = new Set(processesOf(after).map(({ role, name }) => `${role} ${name}`));
  const left = [...earlier].filter(([title, { alive }]) => alive && !present.has(title));
  return [...changed, ...left.map(([, { role, name }]) => stopped(role, name, now))];
}

/** An event as operators read it. The claims name the consumers that really took over the entries. */
export function describeEvent(event: ProcessEvent, claims: readonly ClaimRecord[]): SystemEvent {
  const { at, role, name, what, pending } = event;
  const bad = what === 'stopped reporting';
  const rest = bad && role === 'Consumer' ? fateOf(pending, claimersOf(name, at, claims)) : '';
  return { at: new Date(at).toISOString(), text: `${role} ${name} ${what}${rest}`, bad };
}

function fateOf(pending: number, claimers: ReadonlyMap<string, number>): string {
  if (claimers.size === 0) return pending === 0 ? '' : `; ${entries(pending)} of it are not claimed yet`;
  const list = [...claimers].map(([by, count]) => `${by} (${count})`);
  return `; its entries were claimed by ${list.join(', ')}`;
}

function entries(count: number): string {
  return count === 1 ? '1 entry' : `${count} entries`;
}

/** Consumer -> entries that it claimed from `from` since `since`. */
function claimersOf(from: string, since: number, claims: readonly ClaimRecord[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const claim of claims) {
    if (claim.from !== from || claim.at < since - CLOCK_MS) continue;
    counts.set(claim.by, (counts.get(claim.by) ?? 0) + claim.entries);
  }
  return counts;
}

function stopped(role: ProcessEvent['role'], name: string, at: number): ProcessEvent {
  return { at, role, name, what: 'stopped in order', pending: 0 };
}

function processesOf({ consumers, edges }: SystemView) {
  const sum = (pending: Readonly<Record<string, number>>) =>
    Object.values(pending).reduce((all, count) => all + count, 0);
  return [
    ...consumers.map((one) => ({ ...one, role: 'Consumer' as const, pending: sum(one.pending) })),
    ...edges.map((one) => ({ ...one, role: 'Edge' as const, pending: 0 })),
  ];
}
