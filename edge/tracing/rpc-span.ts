import { Code } from '@connectrpc/connect';
import { codeToString } from '@connectrpc/connect/protocol-connect';
import type { RequestView } from '../admission/views/request-view.ts';
import type { EdgeTracing } from './edge-tracing.ts';
import type { RequestTrace } from './request-trace.ts';

/** Codes that the semantic conventions define as server failures. */
const FAILURES = new Set([
  Code.Unknown,
  Code.DeadlineExceeded,
  Code.Unimplemented,
  Code.Internal,
  Code.Unavailable,
  Code.DataLoss,
]);

/** @param path of the RPC, such as `/votewire.v1.VoteService/CastVote` */
export function startRpc(
  tracing: EdgeTracing,
  request: RequestView,
  { path, system }: { readonly path: string; readonly system: 'grpc' | 'connectrpc' },
): RequestTrace | undefined {
  const method = path.slice(1);
  return tracing.start(method, request, { 'rpc.system.name': system, 'rpc.method': method });
}

/** @param code undefined: OK */
export function endRpc(trace: RequestTrace, code: Code | undefined): void {
  const status = code === undefined ? 'OK' : codeToString(code).toUpperCase();
  trace.end({ 'rpc.response.status_code': status }, code !== undefined && FAILURES.has(code) ? status : undefined);
}
