import { streamKey } from '../../store/streams/keys.ts';
import { TRACEPARENT } from '../../telemetry/traceparent.ts';
import type { TraceSpan } from '../../telemetry/tracing.ts';
import type { EntryBuffer, EntryResult } from '../write/entry/entry-buffer.ts';
import { EntryWriter, type EntryWriterOptions } from '../write/entry-writer.ts';
import type { EdgeTracing } from './edge-tracing.ts';
import type { RequestTrace } from './request-trace.ts';

/**
 * Maximum number of traces that an entry passes on: if every request were sampled, an entry of 512 votes would grow by
 * 28 KB. Traces of further requests end at the edge.
 */
const MAX_TRACES = 32;

/**
 * Adds a span per traced request of an entry, from its first attempt to its confirmation; the entry lists the traces.
 */
export class TracedEntryWriter extends EntryWriter {
  readonly #tracing: EdgeTracing;
  readonly #traceparents = new WeakMap<EntryBuffer, string>();

  constructor(options: EntryWriterOptions, tracing: EdgeTracing) {
    super(options);
    this.#tracing = tracing;
  }

  protected override store(entry: EntryBuffer, deadline: number): Promise<EntryResult> {
    const requests = this.#tracing.requestsOf(entry);
    return requests === undefined ? super.store(entry, deadline) : this.#storeTraced(entry, deadline, requests);
  }

  protected override command(entry: EntryBuffer, key: string, bytes: Buffer): (string | Buffer)[] {
    const command = super.command(entry, key, bytes);
    const traceparents = this.#traceparents.get(entry);
    if (traceparents !== undefined) command.push(TRACEPARENT, traceparents);
    return command;
  }

  async #storeTraced(entry: EntryBuffer, deadline: number, requests: readonly RequestTrace[]): Promise<EntryResult> {
    const spans = this.#start(entry, requests);
    this.#traceparents.set(entry, spans.map(({ traceparent }) => traceparent).join(','));
    try {
      const result = await super.store(entry, deadline);
      const stored = result.status === 'stored';
      for (const span of spans) {
        if (stored) span.set({ 'messaging.message.id': result.entryId });
        span.end(stored ? undefined : result.status);
      }
      return result;
    } catch (error) {
      for (const span of spans) span.end('unknown');
      throw error;
    }
  }

  #start({ partition, count }: EntryBuffer, requests: readonly RequestTrace[]): TraceSpan[] {
    const key = streamKey(partition);
    const attributes = {
      'messaging.system': 'redis',
      'messaging.operation.name': 'XADD',
      'messaging.operation.type': 'send',
      'messaging.destination.name': key,
      'messaging.batch.message_count': count,
    };
    return requests
      .slice(0, MAX_TRACES)
      .map(({ traceparent }) =>
        this.#tracing.tracing.startBelow(traceparent, { name: `XADD ${key}`, kind: 'producer', attributes }),
      )
      .filter((span) => span !== undefined);
  }
}
