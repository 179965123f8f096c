import type { RequestTrace } from './request-trace.ts';

export const VOTES_SPAN = 'POST /v1/votes';
export const HTTP_VOTES = { 'http.request.method': 'POST', 'http.route': '/v1/votes' };

/** Ends a span. A status below 500 is not a server failure. */
export function endHttp(trace: RequestTrace, status: number): void {
  trace.end({ 'http.response.status_code': status }, status >= 500 ? `HTTP ${status}` : undefined);
}
