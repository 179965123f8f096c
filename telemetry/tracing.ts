/** OpenTelemetry traces of one process. Only sampled spans exist; for all others, the methods return undefined. */
export interface Tracing extends AsyncDisposable {
  /** Starts a span for a request. A valid `traceparent` header continues the caller's trace. */
  startRequest(name: string, traceparent: string | undefined, attributes: SpanAttributes): TraceSpan | undefined;
  /** Starts a child of a sampled span of this or another process, given by its traceparent. */
  startBelow(parent: string, span: SpanOptions): TraceSpan | undefined;
}

export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

export interface SpanOptions {
  readonly name: string;
  /** `producer` if the span adds a message to a stream, `consumer` if it processes one. */
  readonly kind: 'producer' | 'consumer';
  readonly attributes: SpanAttributes;
  /** Milliseconds since 1970. Default: now. */
  readonly startedAt?: number;
}

export interface TraceSpan {
  readonly traceId: string;
  /** Makes this span the parent of spans in other processes. */
  readonly traceparent: string;
  set(attributes: SpanAttributes): void;
  /** Ends the span; with `failure`, its status is an error. Further calls have no effect. */
  end(failure?: string): void;
}
