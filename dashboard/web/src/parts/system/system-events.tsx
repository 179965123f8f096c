import { useEffect, useRef, useState } from 'preact/hooks';
import type { SystemView } from '../../../../../store/monitoring/system.ts';
import { formatClock } from '../../data/format.ts';

interface SystemEvent {
  readonly at: number;
  readonly text: string;
  readonly bad: boolean;
}

const KEPT = 20;

/** Consumers and edges that started or stopped reporting since this page was opened, the latest first. */
export function SystemEvents({ view }: { view: SystemView }) {
  const alive = useRef<ReadonlyMap<string, boolean> | undefined>(undefined);
  const [events, setEvents] = useState<readonly SystemEvent[]>([]);
  useEffect(() => {
    const before = alive.current;
    const processes = [
      ...view.consumers.map((one) => ({ ...one, role: 'Consumer' })),
      ...view.edges.map((one) => ({ ...one, role: 'Edge' })),
    ];
    alive.current = new Map([
      ...(before ?? []),
      ...processes.map((one) => [`${one.role} ${one.name}`, one.alive] as const),
    ]);
    if (before === undefined) return;
    const changes = processes.flatMap((one): SystemEvent[] => {
      const name = `${one.role} ${one.name}`;
      const was = before.get(name);
      if (was === one.alive || (was === undefined && !one.alive)) return [];
      const at = Date.now() - one.ageMs;
      if (one.alive) return [{ at, text: `${name} started reporting`, bad: false }];
      const remedy = one.role === 'Consumer' ? '; other consumers claim its entries' : '';
      return [{ at, text: `${name} stopped reporting${remedy}`, bad: true }];
    });
    if (changes.length > 0) setEvents((known) => [...changes, ...known].slice(0, KEPT));
  }, [view]);
  if (events.length === 0) return null;
  return (
    <section class="card" aria-labelledby="events-title">
      <h2 id="events-title">Events</h2>
      <ul class="events" role="status">
        {events.map(({ at, text, bad }) => (
          <li key={`${at} ${text}`} class={bad ? 'bad-text' : ''}>
            <time dateTime={new Date(at).toISOString()}>{formatClock(at)}</time> {text}
          </li>
        ))}
      </ul>
    </section>
  );
}
