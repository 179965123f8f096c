import {
  DiagLogLevel,
  diag,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  type SpanProcessor,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { Logger } from '../../log/logger.ts';
import { createReportThrottle } from '../../log/report-throttle.ts';
import { formatTraceparent, parseTraceparent } from '../traceparent.ts';
import type { SpanAttributes, SpanOptions, TraceSpan, Tracing } from '../tracing.ts';
import type { SamplerConfig, TracingConfig } from '../tracing-config.ts';

/** Bounds the shutdown: a collector that does not answer must not delay the exit of the process. */
const SHUTDOWN_MS = 500;

/** Tracing with the OpenTelemetry SDK. */
export class OtelTracing implements Tracing {
  readonly #provider: TracerProvider;
  readonly #tracer: Tracer;

  constructor(config: Omit<TracingConfig, 'url' | 'headers'>, processor: SpanProcessor) {
    this.#provider = new TracerProvider({
      resource: resourceFromAttributes({ ...config.resourceAttributes, 'service.name': config.serviceName }),
      sampler: createSampler(config.sampler),
      spanProcessors: [processor],
    });
    this.#tracer = this.#provider.getTracer('votewire');
  }

  /**
   * Exports over OTLP/HTTP with protobuf, in batches every five seconds; spans beyond 2,048 queued ones are dropped.
   */
  static exportTo(config: TracingConfig, log: Logger): OtelTracing {
    reportDiagnostics(log);
    const exporter = new OTLPTraceExporter({ url: config.url, headers: config.headers });
    return new OtelTracing(config, new BatchSpanProcessor({ exporter }));
  }

  startRequest(name: string, traceparent: string | undefined, attributes: SpanAttributes): TraceSpan | undefined {
    return this.#start(traceparent, { name, kind: SpanKind.SERVER, attributes });
  }

  startBelow(parent: string, { name, kind, attributes, startedAt }: SpanOptions): TraceSpan | undefined {
    return this.#start(parent, {
      name,
      kind: kind === 'producer' ? SpanKind.PRODUCER : SpanKind.CONSUMER,
      attributes,
      ...(startedAt !== undefined && { startTime: startedAt }),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, SHUTDOWN_MS);
    await Promise.race([this.#provider.shutdown().catch(ignoreError), late.promise]);
    clearTimeout(timer);
  }

  #start(
    parent: string | undefined,
    options: { name: string; kind: SpanKind; attributes: SpanAttributes; startTime?: number },
  ): TraceSpan | undefined {
    const from = parseTraceparent(parent);
    const context =
      from === undefined
        ? ROOT_CONTEXT
        : trace.setSpanContext(ROOT_CONTEXT, {
            traceId: from.traceId,
            spanId: from.spanId,
            traceFlags: from.sampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
            isRemote: true,
          });
    const span = this.#tracer.startSpan(options.name, options, context);
    return span.isRecording() ? new OtelSpan(span) : undefined;
  }
}

class OtelSpan implements TraceSpan {
  readonly #span: Span;
  readonly traceId: string;
  readonly traceparent: string;

  constructor(span: Span) {
    const { traceId, spanId } = span.spanContext();
    this.#span = span;
    this.traceId = traceId;
    this.traceparent = formatTraceparent({ traceId, spanId, sampled: true });
  }

  set(attributes: SpanAttributes): void {
    this.#span.setAttributes(attributes);
  }

  end(failure?: string): void {
    if (!this.#span.isRecording()) return;
    if (failure !== undefined) this.#span.setStatus({ code: SpanStatusCode.ERROR, message: failure });
    this.#span.end();
  }
}

function createSampler({ parentBased, ratio }: SamplerConfig): Sampler {
  const root = new TraceIdRatioBasedSampler(ratio);
  return parentBased ? new ParentBasedSampler({ root }) : root;
}

/** Logs the SDK's diagnostics, mainly that the collector is unavailable. */
function reportDiagnostics(log: Logger): void {
  const isDue = createReportThrottle();
  const report = (...parts: unknown[]) => {
    const fault = parts.map(describe).join(' ').replaceAll(/\s+/g, ' ').slice(0, 300);
    if (isDue(fault)) log.warn({ fault }, 'Traces cannot be exported');
  };
  const ignore = () => undefined;
  diag.setLogger(
    { error: report, warn: report, info: ignore, debug: ignore, verbose: ignore },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
}

/** The SDK passes errors as JSON with their stacks. */
function describe(part: unknown): string {
  if (part instanceof Error) return part.message;
  const text = String(part);
  if (!text.startsWith('{')) return text;
  try {
    const { message, code } = JSON.parse(text) as { readonly message?: unknown; readonly code?: unknown };
    return String(message || code || text);
  } catch {
    return text;
  }
}

function ignoreError(): void {
  // The diagnostics have already reported it.
}
