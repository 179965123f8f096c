import { ConnectError, type Interceptor, type StreamResponse } from '@connectrpc/connect';
import type { RequestMeters, RpcKind } from '../metrics/request-meters.ts';

/** Counts and times the calls that Connect's router serves, except those whose message cannot be parsed. */
export function meterCalls(meters: RequestMeters): Interceptor {
  return (next) => async (request) => {
    const startedAt = performance.now();
    const { service, method, requestMethod, header } = request;
    const path = `/${service.typeName}/${method.name}`;
    const protocol = requestMethod === 'GET' ? 'connect' : protocolOf(header.get('content-type'));
    const meter = meters.rpc({ protocol, path, type: TYPES[method.methodKind] });
    const end = (error?: unknown) => {
      meter.end(error === undefined ? 0 : ConnectError.from(error).code, startedAt);
    };
    try {
      const response = await next(request);
      if (response.stream) return { ...response, message: observeEnd(response.message, end) };
      end();
      return response;
    } catch (error) {
      end(error);
      throw error;
    }
  };
}

const TYPES = {
  unary: 'unary',
  client_streaming: 'client_stream',
  server_streaming: 'server_stream',
  bidi_streaming: 'bidi_stream',
} as const;

function protocolOf(contentType: string | null): RpcKind['protocol'] {
  if (contentType?.startsWith('application/grpc-web')) return 'grpc-web';
  return contentType?.startsWith('application/grpc') ? 'grpc' : 'connect';
}

async function* observeEnd(
  messages: StreamResponse['message'],
  end: (error?: unknown) => void,
): AsyncGenerator<
  Awaited<ReturnType<ReturnType<StreamResponse['message'][typeof Symbol.asyncIterator]>['next']>>['value']
> {
  try {
    yield* messages;
  } catch (error) {
    end(error);
    throw error;
  }
  end();
}
