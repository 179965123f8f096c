import type { HandlerContext } from '@connectrpc/connect';
import { REQUEST } from '../grpc/votes/router-calls.ts';
import type { VoteServiceDeps } from '../grpc/votes/vote-service-deps.ts';
import type { EdgeTracing } from './edge-tracing.ts';
import { startRpc } from './rpc-span.ts';
import { TracedCallIngress } from './traced-call-ingress.ts';

/** For calls on Connect's router: adds a span to each sampled call, and to each sampled batch of a vote stream. */
export function tracedDeps(deps: VoteServiceDeps, tracing: EdgeTracing): (context: HandlerContext) => VoteServiceDeps {
  return (context) => {
    const { service, method, protocolName, values } = context;
    const path = `/${service.typeName}/${method.name}`;
    const system = protocolName === 'connect' ? 'connectrpc' : 'grpc';
    const start = () => startRpc(tracing, values.get(REQUEST), { path, system });
    return { ...deps, ingress: new TracedCallIngress(deps.ingress, tracing, start) };
  };
}
