/** OpenTelemetry traces of one process. Only sampled spans exist: what is not sampled is undefined. */
export interface Tracing extends AsyncDisposable {
  /** Starts a span for a request. `traceparent` is the request's header: a valid one continues the caller's trace. */
  startRequest(name: string, traceparent: string | undefined, attributes: SpanAttributes): TraceSpan | undefined;
  /** Starts a span below a sampled one of this or another process, given by its traceparent. */
  startBelow(parent: string, span: SpanOptions): TraceSpan | undefined;
}

export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

export interface SpanOptions {
  readonly name: string;
  /** Whether the span puts a message into a stream or handles one from it. */
  readonly kind: 'producer' | 'consumer';
  readonly attributes: SpanAttributes;
  /** Milliseconds since 1970. Default: now. */
  readonly startedAt?: number;
}

export interface TraceSpan {
  readonly traceId: string;
  /** Continues the trace below this span. */
  readonly traceparent: string;
  set(attributes: SpanAttributes): void;
  /** Ends the span; with `failure` its status is an error. What follows has no effect. */
  end(failure?: string): void;
}
