import { create } from '@bufbuild/protobuf';
import type { Any } from '@bufbuild/protobuf/wkt';
import { parseTimeout } from '../../edge/grpc/framing/parse-timeout.ts';
import type { GrpcStatus } from '../../edge/grpc/framing/status.ts';
import type { RequestHeaders } from '../../edge/http2/headers/request-headers.ts';
import {
  type Error as ConformanceError,
  type ConformancePayload_RequestInfo,
  ConformancePayload_RequestInfoSchema,
  type Header,
} from './gen/connectrpc/conformance/v1/service_pb.ts';

/** Converts the suite's headers to the transport's. */
export function metadata(headers: readonly Header[] | undefined): [name: string, value: string][] {
  return (headers ?? []).flatMap(({ name, value }) =>
    value.map((each): [string, string] => [name.toLowerCase(), each]),
  );
}

/** The suite's report of what the server received. */
export function requestInfo(headers: RequestHeaders, requests: Any[]): ConformancePayload_RequestInfo {
  const timeoutMs = parseTimeout(headers.get('grpc-timeout') ?? '');
  return create(ConformancePayload_RequestInfoSchema, {
    requestHeaders: [...Map.groupBy(headers.fields, ({ name }) => name)].map(([name, fields]) => ({
      name,
      value: fields.map(({ value }) => value),
    })),
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
