import { requestId } from '../../http/request/request-id.ts';
import { encodeHeaders, type HeaderPairs } from './hpack/encode-headers.ts';
import type { HostedStream } from './stream/stream-host.ts';

/** Answers with only a status and the request id. */
export function refuseRequest(
  stream: Pick<HostedStream, 'headers' | 'respond'>,
  status: number,
  headers: HeaderPairs = [],
): void {
  const id = requestId((name) => stream.headers.get(name));
  stream.respond(encodeHeaders([[':status', `${status}`], ['x-request-id', id], ...headers]), true);
}
