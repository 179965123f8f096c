import type { Edge } from '../edge.ts';
import { createRpc, type Rpc } from './rpc.ts';

/** The RPCs of an edge. */
export function createEdgeRpc(edge: Edge): Rpc {
  const { admission, codecs, contests, ingress, ready, redisMonitor, results, meters, tracing } = edge;
  const codec = codecs.grpc;
  return createRpc({
    admission,
    codec,
    contests,
    ingress,
    now: redisMonitor.now,
    ready,
    results,
    meters,
    ...(tracing && { tracing }),
  });
}
