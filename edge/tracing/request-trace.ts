import type { SpanAttributes, TraceSpan } from '../../telemetry/tracing.ts';

/** The span of a sampled request, from its headers to its answer. */
export class RequestTrace {
  readonly #span: TraceSpan;
  /** How many of its votes went to the stream. */
  votes = 0;

  constructor(span: TraceSpan) {
    this.#span = span;
  }

  get traceparent(): string {
    return this.#span.traceparent;
  }

  /** Ends the span. The first call counts. */
  end(attributes: SpanAttributes, failure?: string): void {
    this.#span.set({ ...attributes, 'votewire.votes': this.votes });
    this.#span.end(failure);
  }
}
