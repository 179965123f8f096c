import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SpanStatusCode } from '@opentelemetry/api';
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import { readConsumerConfig } from '../../consumer/config.ts';
import { startConsumer } from '../../consumer/consumer.ts';
import { readEdgeConfig } from '../../edge/config.ts';
import { startEdge } from '../../edge/runtime/start-edge.ts';
import { createRecordingLogger } from '../../log/testing/recording-logger.ts';
import { openRedis, type Redis } from '../../store/redis/redis.ts';
import { startRedisServer } from '../../supervisor/redis/redis-server.ts';
import { OtelTracing } from '../../telemetry/otel/otel-tracing.ts';
import type { TracingConfig } from '../../telemetry/tracing-config.ts';

/** A span in the form that the tests compare. */
export interface SeenSpan {
  readonly name: string;
  readonly service: string;
  readonly id: string;
  readonly parent: string | undefined;
  readonly failed: boolean;
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface TracedSystem extends AsyncDisposable {
  readonly url: string;
  readonly redis: Redis;
  /** Lines of the consumer's log. */
  readonly lines: readonly string[];
  /** Ended spans of a trace, in the order of their ends. */
  trace(traceId: string): readonly SeenSpan[];
  /** Identifiers of all traces. */
  traceIds(): readonly string[];
}

/** An edge and a consumer in this process, with a real Redis, whose spans stay in memory. */
export async function startTracedSystem(env: Readonly<Record<string, string>> = {}): Promise<TracedSystem> {
  await using opened = new AsyncDisposableStack();
  const dir = await mkdtemp(join(tmpdir(), 'votewire-traces-'));
  opened.defer(() => rm(dir, { recursive: true, force: true }));
  const server = opened.use(await startRedisServer({ dir }));
  const exporter = new InMemorySpanExporter();
  const startTracing = async (config: TracingConfig) => new OtelTracing(config, new SimpleSpanProcessor({ exporter }));
  const shared = {
    REDIS_URL: server.url,
    DATA_DIR: dir,
    // Nothing is sent there, because `startTracing` keeps the spans.
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318',
    MAX_DELIVERIES: '1',
    ...env,
  };
  const edge = await startEdge(readEdgeConfig({ ...shared, PORT: '0', HOST: '127.0.0.1' }), startTracing);
  opened.defer(async () => {
    await edge.stop(100);
    await edge.edge[Symbol.asyncDispose]();
  });
  const { log, lines } = createRecordingLogger();
  opened.use(await startConsumer(readConsumerConfig(shared), log, undefined, startTracing));
  const redis = opened.use(openRedis({ urls: [server.url], name: 'test' }));
  await redis.whenReady();
  const resources = opened.move();
  const spans = () => exporter.getFinishedSpans();
  return {
    url: `http://127.0.0.1:${edge.port}`,
    redis,
    lines,
    trace: (traceId) =>
      spans()
        .filter((span) => span.spanContext().traceId === traceId)
        .map(toSeen),
    traceIds: () => [...new Set(spans().map((span) => span.spanContext().traceId))],
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

function toSeen(span: ReadableSpan): SeenSpan {
  return {
    name: span.name,
    service: String(span.resource.attributes['service.name']),
    id: span.spanContext().spanId,
    parent: span.parentSpanContext?.spanId,
    failed: span.status.code === SpanStatusCode.ERROR,
    attributes: span.attributes,
  };
}
