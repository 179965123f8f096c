import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createFileRegistry, fromBinary, toJson } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';

/** A span in OTLP's JSON form, with the name of the service that sent it. */
export interface ReceivedSpan {
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
}

export interface OtlpReceiver extends AsyncDisposable {
  readonly url: string;
  readonly spans: readonly ReceivedSpan[];
  /** Headers of the last request. */
  readonly headers: Readonly<Record<string, unknown>>;
}

const REQUEST = 'opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest';

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string };
}

interface ExportRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly ReceivedSpan[] }[];
  }[];
}

/**
 * An OTLP/HTTP collector that keeps the received spans. It parses requests with the published protocol (`proto/`,
 * unchanged files of opentelemetry-proto, Apache 2.0), and answers 400 to anything else.
 */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const decode = loadDecoder();
  const spans: ReceivedSpan[] = [];
  let headers: Readonly<Record<string, unknown>> = {};
  const server = createServer(async (req, res) => {
    const body = Buffer.concat(await req.toArray());
    const isExport = req.method === 'POST' && req.url === '/v1/traces';
    if (!isExport || req.headers['content-type'] !== 'application/x-protobuf') {
      res.writeHead(isExport ? 415 : 404).end();
      return;
    }
    try {
      spans.push(...decode(body));
      headers = req.headers;
      // An empty ExportTraceServiceResponse.
      res.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    } catch (error) {
      res.writeHead(400).end(String(error));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    get headers() {
      return headers;
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function loadDecoder(): (body: Uint8Array) => ReceivedSpan[] {
  const build = spawnSync(
    join(import.meta.dirname, '../../node_modules/.bin/buf'),
    ['build', join(import.meta.dirname, 'proto'), '-o', '-#format=binpb'],
    { maxBuffer: 1 << 24 },
  );
  if (build.status !== 0) throw new Error(`buf build: ${build.stderr}`);
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, build.stdout));
  const schema = registry.getMessage(REQUEST);
  if (schema === undefined) throw new Error(`No message ${REQUEST}`);
  return (body) => {
    const { resourceSpans } = toJson(schema, fromBinary(schema, body)) as unknown as ExportRequest;
    return resourceSpans.flatMap(({ resource, scopeSpans }) => {
      const service = resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue ?? '';
      return scopeSpans.flatMap((scope) => scope.spans.map((span) => ({ ...span, service, ...hexIds(span) })));
    });
  };
}

/** ProtoJSON encodes bytes in base64. */
function hexIds({ traceId, spanId, parentSpanId }: ReceivedSpan) {
  const hex = (text = '') => Buffer.from(text, 'base64').toString('hex');
  return { traceId: hex(traceId), spanId: hex(spanId), parentSpanId: hex(parentSpanId) };
}
