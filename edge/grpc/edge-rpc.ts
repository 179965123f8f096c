import type { Edge } from '../edge.ts';
import { createRpc, type Rpc } from './rpc.ts';

/** The RPCs of an edge. */
export function createEdgeRpc(edge: Edge): Rpc {
  const { admission, codecs, config, contests, ingress, ready, redisMonitor, results } = edge;
  const codec = codecs.grpc;
  return createRpc({
    admission,
    codec,
    contests,
    ingress,
    mode: config.ingress,
    now: redisMonitor.now,
    ready,
    results,
  });
}
