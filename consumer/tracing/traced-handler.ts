import { streamKey } from '../../store/streams/keys.ts';
import type { TraceSpan, Tracing } from '../../telemetry/tracing.ts';
import type { EntryFailure, GroupHandler } from '../group/group-handler.ts';
import type { Delivery, StreamEntry } from '../group/stream-entry.ts';

interface TracedEntry {
  readonly spans: readonly TraceSpan[];
  failure: string | undefined;
}

/**
 * Adds a span to each trace of the handled entries, as a child of the span that wrote the entry. All entries of a call
 * are handled together, so their spans have the same duration.
 */
export class TracedHandler implements GroupHandler {
  readonly group: GroupHandler['group'];
  readonly readEveryMs: number;
  readonly #handler: GroupHandler;
  readonly #tracing: Tracing;
  /** Entries that are being handled, by partition and id. */
  readonly #handled = new Map<string, TracedEntry>();

  constructor(handler: GroupHandler, tracing: Tracing) {
    this.group = handler.group;
    this.readEveryMs = handler.readEveryMs;
    this.#handler = handler;
    this.#tracing = tracing;
  }

  async handle(deliveries: readonly Delivery[]): Promise<void> {
    const places = deliveries.flatMap((delivery) => this.#start(delivery, countEntries(deliveries)));
    let failure: string | undefined;
    try {
      await this.#handler.handle(deliveries);
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error);
      throw error;
    } finally {
      for (const place of places) this.#end(place, failure);
    }
  }

  /** Marks an entry of this group as failed. Returns the ids of its traces. */
  failed({ partition, id, reason }: EntryFailure): readonly string[] {
    const entry = this.#handled.get(placeOf(partition, id));
    if (entry === undefined) return [];
    entry.failure = reason;
    return entry.spans.map(({ traceId }) => traceId);
  }

  #start({ partition, entries }: Delivery, batch: number): string[] {
    const places: string[] = [];
    for (const entry of entries) {
      const { id, traceparents, replay } = entry;
      if (traceparents === undefined || (replay !== undefined && replay.group !== this.group)) continue;
      const place = placeOf(partition, id);
      this.#handled.set(place, { spans: this.#spans(partition, entry, batch), failure: undefined });
      places.push(place);
    }
    return places;
  }

  #spans(partition: number, { id, traceparents = '', replay }: StreamEntry, batch: number): TraceSpan[] {
    const key = streamKey(partition);
    const name = `${this.group} ${key}`;
    const attributes = {
      'messaging.system': 'redis',
      'messaging.operation.name': this.group,
      'messaging.operation.type': 'process',
      'messaging.destination.name': key,
      'messaging.consumer.group.name': this.group,
      'messaging.message.id': id,
      'messaging.batch.message_count': batch,
      ...(replay && { 'votewire.replay_of': replay.position }),
    };
    return traceparents
      .split(',')
      .map((parent) => this.#tracing.startBelow(parent, { name, kind: 'consumer', attributes }))
      .filter((span) => span !== undefined);
  }

  #end(place: string, failure: string | undefined): void {
    const entry = this.#handled.get(place);
    this.#handled.delete(place);
    for (const span of entry?.spans ?? []) span.end(failure ?? entry?.failure);
  }
}

function countEntries(deliveries: readonly Delivery[]): number {
  return deliveries.reduce((sum, { entries }) => sum + entries.length, 0);
}

function placeOf(partition: number, id: string): string {
  return `${partition} ${id}`;
}
