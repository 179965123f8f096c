import { frame } from '../../../edge/grpc/framing/frame.ts';
import type { HostileCase } from '../hostile-case.ts';
import { rawCase as raw } from '../raw-case.ts';

const VOTE = '{"contest":"cats-vs-dogs","choice":"cats","voter":"ana"}';
const RPC = '/votewire.v1.VoteService/GetResults';
const HTTP_JSON = `Content-Type: application/json\r\nContent-Length: `;
const message = Buffer.from('0a190a0c636174732d76732d646f67731204636174731a03616e61', 'hex');

/** Unusual but valid input of real clients and proxies: HAProxy, nginx, Envoy, curl, old libraries. */
export const protocolCorners: readonly HostileCase[] = [
  raw('HTTP/1.0 probe without Host', 'GET /healthz HTTP/1.0\r\n\r\n', /^HTTP\/1\.[01] 200 [\s\S]*\{"status":"ok"\}/),
  raw('HTTP/1.0 readiness without Host', 'GET /readyz HTTP/1.0\r\n\r\n', /^HTTP\/1\.[01] 200 /),
  raw(
    'HTTP/1.0 vote without Host',
    `POST /v1/votes HTTP/1.0\r\n${HTTP_JSON}${VOTE.length}\r\n\r\n${VOTE}`,
    /^HTTP\/1\.[01] 202 /,
  ),
  raw(
    'HTTP/1.0 RPC without Host',
    `POST ${RPC} HTTP/1.0\r\n${HTTP_JSON}20\r\n\r\n{"contest":"bandas"}`,
    /^HTTP\/1\.[01] 200 /,
  ),
  raw('absolute-form target', 'GET http://h/healthz HTTP/1.1\r\nHost: h\r\n\r\n', /^HTTP\/1\.1 200 /),
  raw(
    'absolute-form vote',
    `POST http://h/v1/votes HTTP/1.1\r\nHost: h\r\n${HTTP_JSON}${VOTE.length}\r\n\r\n${VOTE}`,
    /^HTTP\/1\.1 202 /,
  ),
  raw(
    'absolute-form RPC',
    `POST http://h${RPC} HTTP/1.1\r\nHost: h\r\n${HTTP_JSON}20\r\n\r\n{"contest":"bandas"}`,
    /^HTTP\/1\.1 200 /,
  ),
  raw(
    'half-close after the request',
    `POST /v1/votes HTTP/1.1\r\nHost: h\r\n${HTTP_JSON}${VOTE.length}\r\n\r\n${VOTE}`,
    /^HTTP\/1\.1 202 /,
    true,
  ),
  raw('half-close after a page request', 'GET / HTTP/1.1\r\nHost: h\r\n\r\n', /^HTTP\/1\.1 200 /, true),
  raw('two Host headers', 'GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', /^HTTP\/1\.1 400 |^$/),
  raw(
    'vote with two Host headers',
    `POST /v1/votes HTTP/1.1\r\nHost: a\r\nHost: b\r\n${HTTP_JSON}${VOTE.length}\r\n\r\n${VOTE}`,
    /^HTTP\/1\.1 400 |^$/,
  ),
  raw('GET on an RPC path', `GET ${RPC} HTTP/1.1\r\nHost: h\r\n\r\n`, /^HTTP\/1\.1 405 [\s\S]*\r\nallow: POST\r\n/i),
  raw(
    'PROPFIND',
    'PROPFIND /v1/contests HTTP/1.1\r\nHost: h\r\n\r\n',
    /^HTTP\/1\.1 405 [\s\S]*\r\nallow: GET, HEAD\r\n/i,
  ),
  raw(
    'HEAD has the length of GET',
    'HEAD /openapi.json HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n',
    /^HTTP\/1\.1 200 (?![\s\S]*content-length: 0\r\n)/i,
  ),
  raw(
    'Expect: 100-continue',
    `POST /v1/votes HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n${HTTP_JSON}${VOTE.length}\r\n\r\n${VOTE}`,
    /HTTP\/1\.1 202 /,
  ),
  raw(
    'upgrade to h2c is ignored',
    `POST /v1/votes HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n${HTTP_JSON}${VOTE.length}\r\n\r\n${VOTE}`,
    /^HTTP\/1\.1 202 /,
  ),
  raw(
    'three pipelined requests',
    'GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n'.repeat(2) +
      'GET /healthz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n',
    /^(HTTP\/1\.1 200 [\s\S]*?"ok"\}){3}$/,
  ),
  raw(
    '2,000 pipelined requests',
    'GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n'.repeat(1_999) +
      'GET /healthz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n',
    /^(HTTP\/1\.1 200 [^{]*\{"status":"ok"\}){2000}$/,
  ),
  raw(
    'chunked vote',
    `POST /v1/votes HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${VOTE.length.toString(16)}\r\n${VOTE}\r\n0\r\n\r\n`,
    /^HTTP\/1\.1 202 /,
  ),
  {
    transport: 'HTTP/2',
    name: 'GET on an RPC path',
    sent: `GET ${RPC}`,
    send: (target) => target.http2({ ':method': 'GET', ':path': RPC }, undefined, 'allow'),
    expected: ['POST'],
  },
  {
    transport: 'gRPC',
    name: 'grpc-timeout of 1 ns',
    sent: 'grpc-timeout: 0n',
    send: (target) =>
      target.http2(
        {
          ':path': '/votewire.v1.VoteService/CastVote',
          'content-type': 'application/grpc',
          te: 'trailers',
          'grpc-timeout': '0n',
        },
        frame(message),
      ),
    expected: ['deadline_exceeded', 'grpc 4'],
  },
];
