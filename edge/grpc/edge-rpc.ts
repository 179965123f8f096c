import type { TurnGate } from '../../http/connections/turn-gate.ts';
import type { Edge } from '../edge.ts';
import { createRpc, type Rpc } from './rpc.ts';

/**
 * The RPCs of an edge.
 *
 * @param reads starts calls that cast no votes
 */
export function createEdgeRpc(edge: Edge, reads: TurnGate): Rpc {
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
    reads,
    ...(tracing && { tracing }),
  });
}
