import * as v from 'valibot';
import type { ClaimRecord } from '../../../store/monitoring/claims.ts';
import { findProcessEvents, newestFirst, type ProcessEvent } from '../../../store/monitoring/process-events.ts';
import type { SampleStream } from '../../../store/monitoring/sample-stream.ts';
import type { SystemView } from '../../../store/monitoring/system.ts';
import {
  type SystemEvent,
  type SystemHistoryView,
  type SystemSample,
  systemSampleSchema,
} from '../../api/system-history.ts';
import { describeEvents } from './describe-events.ts';

export const SAMPLE_MS = 2000;
const TRANSPORTS = ['http', 'grpc', 'connect'] as const;

/** Values of a sample besides the system's state; undefined: not known. */
export interface SystemFigures {
  readonly countDelayMs: number | undefined;
  readonly logDelayMs: number | undefined;
  readonly redisBytes: number | undefined;
  /** Newest first. */
  readonly claims: readonly ClaimRecord[];
  /** Those that are recorded, newest first. */
  readonly events: readonly ProcessEvent[];
}

export interface SystemHistoryOptions {
  readonly read: () => Promise<readonly [SystemView, SystemFigures]>;
  /** Redis's clock, in milliseconds since 1970. */
  readonly now: () => number;
  readonly samples: SampleStream;
  /** Records events that all dashboards show. */
  readonly record: (events: readonly ProcessEvent[], now: number) => Promise<void>;
}

/** How long Redis keeps samples. */
export const HISTORY_MS = 3_600_000;

/**
 * Reads the system every two seconds and keeps the last hour, so that a reload of a page loses nothing. Samples and
 * events are kept in Redis as well, so that a restart of the dashboard does not lose them, and another dashboard has
 * them too.
 */
export class SystemHistory implements Disposable {
  readonly #options: SystemHistoryOptions;
  readonly #timer: NodeJS.Timeout;
  #samples: SystemSample[] = [];
  #events: readonly SystemEvent[] = [];
  /** The latest reading, and the first since when Redis has answered each time. */
  #before: { readonly at: number; readonly since: number; readonly view: SystemView } | undefined;
  #isReading = false;

  constructor(options: SystemHistoryOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.sample(), SAMPLE_MS);
  }

  view(): SystemHistoryView {
    return { stepMs: SAMPLE_MS, samples: this.#samples, events: this.#events };
  }

  /** Loads what other dashboards, or earlier runs of this one, have stored. */
  async load(): Promise<void> {
    const stored = await this.#options.samples.read();
    const known = stored.flatMap(({ at, fields }) => {
      const parsed = v.safeParse(systemSampleSchema, { ...parseJson(fields.sample), at });
      return parsed.success ? [parsed.output] : [];
    });
    const first = this.#samples[0]?.at ?? Number.POSITIVE_INFINITY;
    this.#samples.unshift(...known.filter(({ at }) => at < first));
  }

  async sample(): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    const at = this.#options.now();
    try {
      this.#add(at, ...(await this.#options.read()));
    } catch {
      // Redis is unavailable; the charts have a gap.
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
    const since = this.#before?.since ?? at;
    const { events: known, claims } = figures;
    const found = findProcessEvents({ before: this.#before?.view, view, answeredMs: at - since, known, now: at });
    if (found.length > 0) this.#options.record(found, at).catch(ignoreError);
    this.#events = describeEvents([...found, ...known].sort(newestFirst), claims, view.consumers);
    this.#before = { at, since, view };
  }

  /** Votes per second since the last sample, over the edges present in both samples. */
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
    // Without Redis there is nothing to store.
    if (sample !== UNKNOWN) this.#options.samples.add(at, { sample: JSON.stringify(sample) }).catch(ignoreError);
    while ((this.#samples[0]?.at ?? at) < at - HISTORY_MS) this.#samples.shift();
  }
}

function ignoreError(): void {
  // Redis is unavailable; samples stay in memory, and events are detected again.
}

function parseJson(text: string | undefined): object {
  try {
    return Object(JSON.parse(text ?? ''));
  } catch {
    return {};
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
