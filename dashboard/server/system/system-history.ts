import type { SystemView } from '../../../store/monitoring/system.ts';
import type { SystemEvent, SystemHistoryView, SystemSample } from '../../api/system-history.ts';
import { processEvents } from './process-events.ts';

export const SAMPLE_MS = 2000;
const HOUR_MS = 3_600_000;
const MAX_EVENTS = 200;
const TRANSPORTS = ['http', 'grpc', 'connect'] as const;

/** What a sample needs besides the system's state; undefined: not known. */
export interface SystemFigures {
  readonly countDelayMs: number | undefined;
  readonly logDelayMs: number | undefined;
  readonly redisBytes: number | undefined;
}

/** Reads the system every two seconds and keeps the last hour, so that a reload of a page loses nothing. */
export class SystemHistory implements Disposable {
  readonly #read: () => Promise<readonly [SystemView, SystemFigures]>;
  readonly #timer: NodeJS.Timeout;
  #samples: SystemSample[] = [];
  #events: SystemEvent[] = [];
  #before: { readonly at: number; readonly view: SystemView } | undefined;
  #isReading = false;

  constructor(read: () => Promise<readonly [SystemView, SystemFigures]>) {
    this.#read = read;
    this.#timer = setInterval(() => void this.sample(), SAMPLE_MS);
  }

  view(): SystemHistoryView {
    return { stepMs: SAMPLE_MS, samples: this.#samples, events: this.#events };
  }

  async sample(): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    const at = Date.now();
    try {
      this.#add(at, ...(await this.#read()));
    } catch {
      // Redis is unavailable: a hole in the lines.
      this.#keep(at, UNKNOWN);
      this.#before = undefined;
    } finally {
      this.#isReading = false;
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #add(at: number, view: SystemView, figures: SystemFigures): void {
    const waiting = (name: string) => {
      const group = view.groups.find((each) => each.name === name);
      return group === undefined || group.lag === null ? null : group.lag + group.pending;
    };
    const rates = TRANSPORTS.map((name) => [name, this.#rate(at, view, name)] as const);
    this.#keep(at, {
      toCount: waiting('tally'),
      toLog: waiting('log'),
      countDelayMs: figures.countDelayMs ?? null,
      logDelayMs: figures.logDelayMs ?? null,
      ...(Object.fromEntries(rates) as Record<(typeof TRANSPORTS)[number], number | null>),
      redisBytes: figures.redisBytes ?? null,
      streamEntries: view.partitions.reduce((sum, { length }) => sum + length, 0),
    });
    if (this.#before !== undefined) {
      const events = processEvents(this.#before.view, view, at);
      this.#events = [...events, ...this.#events]
        .filter((event) => Date.parse(event.at) > at - HOUR_MS)
        .slice(0, MAX_EVENTS);
    }
    this.#before = { at, view };
  }

  /** Votes per second since the last sample, of the edges that are in both. */
  #rate(at: number, view: SystemView, transport: string): number | null {
    const before = this.#before;
    if (before === undefined) return null;
    const field = `accepted${transport.charAt(0).toUpperCase()}${transport.slice(1)}`;
    const votes = view.edges.reduce((sum, { name, details }) => {
      const earlier = before.view.edges.find((edge) => edge.name === name)?.details[field];
      const now = details[field];
      return typeof now === 'number' && typeof earlier === 'number' ? sum + Math.max(0, now - earlier) : sum;
    }, 0);
    return (votes * 1000) / (at - before.at);
  }

  #keep(at: number, sample: Omit<SystemSample, 'at'>): void {
    this.#samples.push({ at, ...sample });
    while ((this.#samples[0]?.at ?? at) < at - HOUR_MS) this.#samples.shift();
  }
}

const UNKNOWN: Omit<SystemSample, 'at'> = {
  toCount: null,
  toLog: null,
  countDelayMs: null,
  logDelayMs: null,
  http: null,
  grpc: null,
  connect: null,
  redisBytes: null,
  streamEntries: null,
};
