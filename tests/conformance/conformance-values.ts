import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2';
import { create } from '@bufbuild/protobuf';
import type { Any } from '@bufbuild/protobuf/wkt';
import { parseTimeout } from '../../edge/grpc/framing/parse-timeout.ts';
import type { GrpcStatus } from '../../edge/grpc/framing/status.ts';
import {
  type Error as ConformanceError,
  type ConformancePayload_RequestInfo,
  ConformancePayload_RequestInfoSchema,
  type Header,
} from './gen/connectrpc/conformance/v1/service_pb.ts';

/** Converts the suite's headers to Node's. */
export function metadata(headers: readonly Header[] | undefined): OutgoingHttpHeaders {
  const sent: OutgoingHttpHeaders = {};
  for (const { name, value } of headers ?? []) {
    const before = sent[name.toLowerCase()];
    sent[name.toLowerCase()] = [...(Array.isArray(before) ? before : []), ...value];
  }
  return sent;
}

/** The suite's report of what the server received. */
export function requestInfo(headers: IncomingHttpHeaders, requests: Any[]): ConformancePayload_RequestInfo {
  const timeoutMs = parseTimeout((headers['grpc-timeout'] as string | undefined) ?? '');
  return create(ConformancePayload_RequestInfoSchema, {
    requestHeaders: Object.entries(headers)
      .filter(([name]) => !name.startsWith(':'))
      .map(([name, value]) => ({ name, value: [value ?? []].flat() })),
    requests,
    ...(timeoutMs === undefined ? {} : { timeoutMs: BigInt(Math.trunc(timeoutMs)) }),
  });
}

export function grpcStatus(error: ConformanceError, more: readonly Any[]): GrpcStatus {
  // The suite's Code uses the numbers of gRPC.
  return {
    code: error.code as number as GrpcStatus['code'],
    message: error.message ?? '',
    details: [...error.details, ...more],
  };
}
