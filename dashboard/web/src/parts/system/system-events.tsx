import type { SystemEvent } from '../../../../api/system-history.ts';
import { formatClock } from '../../data/format.ts';

/** Consumers and edges that started or stopped in the last hour, latest first. */
export function SystemEvents({ events }: { events: readonly SystemEvent[] }) {
  if (events.length === 0) return null;
  return (
    <section class="card" aria-labelledby="events-title">
      <h2 id="events-title">Events of the last hour</h2>
      <div role="status">
        <ul class="events">
          {events.slice(0, 20).map(({ at, text, bad }) => (
            <li key={`${at} ${text}`} class={bad ? 'bad-text' : ''}>
              <time dateTime={at}>{formatClock(at)}</time> {text}
            </li>
          ))}
        </ul>
      </div>
    </section>
  );
}
