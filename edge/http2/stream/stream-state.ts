/**
 * State of a stream that the peer has opened (RFC 9113, 5.1). An idle stream has no object. A response that ends before
 * its request resets the stream, so "half-closed (local)" does not occur; nor do pushed streams.
 *
 * - open: the request is arriving.
 * - half-closed-remote: the request is complete, the response is not.
 * - closed: both are complete, or the stream was reset.
 */
export type StreamState = 'open' | 'half-closed-remote' | 'closed';

export type StreamEvent = 'request-ended' | 'response-ended' | 'reset';

const NEXT: Record<StreamState, Record<StreamEvent, StreamState>> = {
  open: { 'request-ended': 'half-closed-remote', 'response-ended': 'closed', reset: 'closed' },
  'half-closed-remote': { 'request-ended': 'half-closed-remote', 'response-ended': 'closed', reset: 'closed' },
  closed: { 'request-ended': 'closed', 'response-ended': 'closed', reset: 'closed' },
};

export function nextState(state: StreamState, event: StreamEvent): StreamState {
  return NEXT[state][event];
}
