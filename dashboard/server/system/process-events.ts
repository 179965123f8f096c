import type { SystemView } from '../../../store/monitoring/system.ts';
import type { SystemEvent } from '../../api/system-history.ts';

/** Consumers and edges that started or stopped between two readings. A process that stops in order is not listed later. */
export function processEvents(before: SystemView, after: SystemView, now: number): SystemEvent[] {
  const earlier = new Map(processesOf(before).map((one) => [one.title, one]));
  const changed = processesOf(after).flatMap(({ title, role, alive, ageMs }): SystemEvent[] => {
    const was = earlier.get(title)?.alive ?? false;
    if (was === alive) return [];
    const at = new Date(now - ageMs).toISOString();
    return [
      {
        at,
        text: alive ? `${title} started reporting` : `${title} stopped reporting${remedy(role, after)}`,
        bad: !alive,
      },
    ];
  });
  const present = new Set(processesOf(after).map(({ title }) => title));
  const left = [...earlier.values()].filter(({ title, alive }) => alive && !present.has(title));
  return [
    ...changed,
    ...left.map(({ title }) => ({ at: new Date(now).toISOString(), text: `${title} stopped in order`, bad: false })),
  ];
}

function remedy(role: string, { consumers }: SystemView): string {
  if (role !== 'Consumer') return '';
  const others = consumers.filter(({ alive }) => alive).map(({ name }) => name);
  return others.length === 0
    ? '; no other consumer is alive, so its entries wait'
    : `; its entries are claimed by ${others.join(', ')}`;
}

function processesOf({ consumers, edges }: SystemView) {
  return [
    ...consumers.map((one) => ({ ...one, role: 'Consumer' })),
    ...edges.map((one) => ({ ...one, role: 'Edge' })),
  ].map(({ name, role, alive, ageMs }) => ({ title: `${role} ${name}`, role, alive, ageMs }));
}
