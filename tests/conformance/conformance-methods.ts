import { setTimeout as delay } from 'node:timers/promises';
import { create, type DescMessage, fromBinary, type MessageShape, toBinary } from '@bufbuild/protobuf';
import { type Any, anyPack } from '@bufbuild/protobuf/wkt';
import { Code } from '@connectrpc/connect';
import { frame } from '../../edge/grpc/framing/frame.ts';
import type { GrpcMethod, StreamResponder, UnaryMethod } from '../../edge/grpc/transport/method.ts';
import { grpcStatus, metadata, requestInfo } from './conformance-values.ts';
import {
  BidiStreamRequestSchema,
  BidiStreamResponseSchema,
  ClientStreamRequestSchema,
  ClientStreamResponseSchema,
  ConformancePayload_RequestInfoSchema,
  type ConformanceService,
  IdempotentUnaryRequestSchema,
  IdempotentUnaryResponseSchema,
  ServerStreamRequestSchema,
  ServerStreamResponseSchema,
  UnaryRequestSchema,
  UnaryResponseSchema,
} from './gen/connectrpc/conformance/v1/service_pb.ts';
import { queuedStream } from './queued-stream.ts';

const BASE = `/${'connectrpc.conformance.v1.ConformanceService' satisfies typeof ConformanceService.typeName}/`;

/** The suite's service, implemented on the gRPC transport like VoteService. */
export function conformanceMethods(maxBytes: number): Map<string, GrpcMethod> {
  return new Map<string, GrpcMethod>([
    [`${BASE}Unary`, unary(UnaryRequestSchema, UnaryResponseSchema, maxBytes)],
    [`${BASE}IdempotentUnary`, unary(IdempotentUnaryRequestSchema, IdempotentUnaryResponseSchema, maxBytes)],
    [`${BASE}ClientStream`, { kind: 'stream', maxBytes, open: (call) => queuedStream(call, clientStream) }],
    [`${BASE}ServerStream`, { kind: 'stream', maxBytes, open: (call) => queuedStream(call, serverStream) }],
    [`${BASE}BidiStream`, { kind: 'stream', maxBytes, open: (call) => queuedStream(call, bidiStream) }],
  ]);
}

function unary(
  input: typeof UnaryRequestSchema | typeof IdempotentUnaryRequestSchema,
  output: typeof UnaryResponseSchema | typeof IdempotentUnaryResponseSchema,
  maxBytes: number,
): UnaryMethod {
  return {
    kind: 'unary',
    maxBytes,
    async handle(message, call) {
      const request = fromBinary<typeof UnaryRequestSchema | typeof IdempotentUnaryRequestSchema>(input, message);
      const definition = request.responseDefinition;
      const info = requestInfo(call.headers, [pack(input, request)]);
      call.responseHeaders = metadata(definition?.responseHeaders);
      call.responseTrailers = metadata(definition?.responseTrailers);
      if (definition !== undefined) await delay(definition.responseDelayMs);
      if (definition?.response.case === 'error') call.fail(grpcStatus(definition.response.value, [packInfo(info)]));
      else
        call.reply(
          frame(
            toBinary(
              output,
              create(output, { payload: { data: definition?.response.value ?? new Uint8Array(), requestInfo: info } }),
            ),
          ),
        );
    },
  };
}

async function clientStream(call: StreamResponder, messages: AsyncIterable<Buffer>): Promise<void> {
  const requests = [];
  for await (const message of messages) requests.push(fromBinary(ClientStreamRequestSchema, message));
  const definition = requests[0]?.responseDefinition;
  const info = requestInfo(
    call.headers,
    requests.map((request) => pack(ClientStreamRequestSchema, request)),
  );
  call.responseHeaders = metadata(definition?.responseHeaders);
  call.responseTrailers = metadata(definition?.responseTrailers);
  if (definition !== undefined) await delay(definition.responseDelayMs);
  if (definition?.response.case === 'error') {
    call.fail(grpcStatus(definition.response.value, [packInfo(info)]));
    return;
  }
  const payload = { data: definition?.response.value ?? new Uint8Array(), requestInfo: info };
  call.write(frame(toBinary(ClientStreamResponseSchema, create(ClientStreamResponseSchema, { payload }))));
  call.finish();
}

async function serverStream(call: StreamResponder, messages: AsyncIterable<Buffer>): Promise<void> {
  const requests = [];
  for await (const message of messages) requests.push(fromBinary(ServerStreamRequestSchema, message));
  const [request] = requests;
  if (request === undefined || requests.length > 1) {
    call.fail({ code: Code.Unimplemented, message: `The method takes one request message; got ${requests.length}` });
    return;
  }
  const definition = request.responseDefinition;
  const info = requestInfo(call.headers, [pack(ServerStreamRequestSchema, request)]);
  call.responseHeaders = metadata(definition?.responseHeaders);
  call.responseTrailers = metadata(definition?.responseTrailers);
  for (const [index, data] of (definition?.responseData ?? []).entries()) {
    await delay(definition?.responseDelayMs);
    const payload = index === 0 ? { data, requestInfo: info } : { data };
    call.write(frame(toBinary(ServerStreamResponseSchema, create(ServerStreamResponseSchema, { payload }))));
  }
  if (definition?.error === undefined) call.finish();
  else call.fail(grpcStatus(definition.error, definition.responseData.length === 0 ? [packInfo(info)] : []));
}

async function bidiStream(call: StreamResponder, messages: AsyncIterable<Buffer>): Promise<void> {
  let sent = 0;
  let requests: Any[] = [];
  let definition = create(BidiStreamRequestSchema).responseDefinition;
  let first = true;
  const info = () =>
    sent === 0 ? requestInfo(call.headers, requests) : create(ConformancePayload_RequestInfoSchema, { requests });
  const send = async (withInfo: boolean) => {
    await delay(definition?.responseDelayMs);
    const data = definition?.responseData[sent] ?? new Uint8Array();
    const payload = withInfo ? { data, requestInfo: info() } : { data };
    call.write(frame(toBinary(BidiStreamResponseSchema, create(BidiStreamResponseSchema, { payload }))));
    sent++;
    requests = [];
  };
  let fullDuplex = false;
  for await (const message of messages) {
    const request = fromBinary(BidiStreamRequestSchema, message);
    requests.push(pack(BidiStreamRequestSchema, request));
    if (first) {
      first = false;
      ({ responseDefinition: definition, fullDuplex } = request);
      call.responseHeaders = metadata(definition?.responseHeaders);
      call.responseTrailers = metadata(definition?.responseTrailers);
    }
    if (!fullDuplex) continue;
    if (sent >= (definition?.responseData.length ?? 0)) break;
    await send(true);
  }
  while (sent < (definition?.responseData.length ?? 0)) await send(sent === 0);
  if (definition?.error === undefined) call.finish();
  else call.fail(grpcStatus(definition.error, sent === 0 ? [packInfo(info())] : []));
}

function pack<Desc extends DescMessage>(schema: Desc, message: MessageShape<Desc>): Any {
  return anyPack(schema, message);
}

function packInfo(info: MessageShape<typeof ConformancePayload_RequestInfoSchema>): Any {
  return anyPack(ConformancePayload_RequestInfoSchema, info);
}
