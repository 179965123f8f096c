import type { SpanAttributes, TraceSpan } from '../../telemetry/tracing.ts';

/** The span of a sampled request, from its headers to its answer. */
export class RequestTrace {
  readonly #span: TraceSpan;
  /** Number of its votes written to the stream. */
  votes = 0;

  constructor(span: TraceSpan) {
    this.#span = span;
  }

  get traceparent(): string {
    return this.#span.traceparent;
  }

  /** Ends the span; only the first call has an effect. */
  end(attributes: SpanAttributes, failure?: string): void {
    this.#span.set({ ...attributes, 'votewire.votes': this.votes });
    this.#span.end(failure);
  }
}
