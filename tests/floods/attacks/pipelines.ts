import type { Attack } from '../attack.ts';
import { holdRequests } from './hold-requests.ts';

const REQUESTS = 2_000;
const LEAVE_MS = 1_000;

/** Many requests in one write, by clients that disconnect before they are answered. */
export const pipelines: readonly Attack[] = [
  pipelined('pipelined vote pages', 'edge', '/c/cats-vs-dogs', REQUESTS),
  pipelined('200 pipelined vote pages', 'edge', '/c/cats-vs-dogs', 200),
  pipelined('pipelined receipts', 'edge', '/v1/receipts/AAAA', REQUESTS),
  pipelined('pipelined exports', 'dashboard', '/api/logs/export', REQUESTS),
  pipelined('60 pipelined exports', 'dashboard', '/api/logs/export', 60),
  pipelined('pipelined log pages', 'dashboard', '/api/logs?limit=1000', 60),
  pipelined('pipelined counts of the log', 'dashboard', '/api/logs/counts', 60),
];

function pipelined(name: string, target: Attack['target'], path: string, requests: number): Attack {
  const request = `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`.repeat(requests);
  return holdRequests(name, target, { connections: 20, request, leaveMs: LEAVE_MS });
}
