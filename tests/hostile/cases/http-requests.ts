import type { HostileCase } from '../hostile-case.ts';

const VOTE = '{"contest":"cats-vs-dogs","choice":"cats","voter":"ana"}';
const JSON_TYPE = 'application/json';
const HEAD = 'POST /v1/votes HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n';
/** Runtimes answer malformed HTTP with different statuses, or close the connection. */
const REFUSED = [
  'http 400',
  'http 404',
  'http 405',
  'http 408',
  'http 411',
  'http 413',
  'http 417',
  'http 431',
  'http 501',
  'http 505',
  'closed',
];

const raw = (name: string, bytes: string, expected: readonly string[] = REFUSED): HostileCase => ({
  transport: 'HTTP/1.1',
  name,
  sent: bytes,
  send: (target) => target.raw([bytes]),
  expected,
});

const post = (name: string, type: string, body: string, expected: readonly string[], headers = {}, path?: string) =>
  ({
    transport: 'HTTP/1.1',
    name,
    sent: `${type} ${JSON.stringify(headers)} ${path ?? ''} ${body}`,
    send: (target) => target.post(type, body, headers, path),
    expected,
  }) satisfies HostileCase;

const get = (path: string, ...expected: string[]): HostileCase => ({
  transport: 'HTTP/1.1',
  name: `GET ${path.slice(0, 40)}`,
  sent: path,
  send: (target) => target.fetch(path),
  expected,
});

/** Sequential requests on one connection, which the server must keep open as announced. */
const keepAlive: HostileCase = {
  transport: 'HTTP/1.1',
  name: 'five requests on one connection',
  sent: 'GET /nothing, five times',
  send: (target) => target.sequence('GET /nothing HTTP/1.1\r\nHost: h\r\n\r\n', 5),
  expected: ['not_found'],
};

export const httpRequests: readonly HostileCase[] = [
  keepAlive,
  raw('length and chunked', `${HEAD}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, [
    ...REFUSED,
    'empty_body',
  ]),
  raw('two lengths', `${HEAD}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`),
  raw('negative length', `${HEAD}Content-Length: -1\r\n\r\n`),
  raw('unknown coding', `${HEAD}Transfer-Encoding: xchunked\r\n\r\n`, [...REFUSED, 'empty_body', 'malformed_json']),
  raw('no host', 'POST /v1/votes HTTP/1.1\r\n\r\n', [...REFUSED, 'unsupported_media_type']),
  raw('NUL in the target', 'GET /\u0000 HTTP/1.1\r\nHost: h\r\n\r\n', [...REFUSED, 'not_found']),
  raw('unknown version', 'GET / HTTP/9.9\r\nHost: h\r\n\r\n', [...REFUSED, 'http 505', 'answered']),
  raw('20 kB header', `GET / HTTP/1.1\r\nHost: h\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, [...REFUSED, 'answered']),
  raw('obs-fold', 'GET /healthz HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n', [...REFUSED, 'answered']),
  raw('TLS hello', '\u0016\u0003\u0001\u0002\u0000\u0001', [...REFUSED, 'no answer']),
  raw('announced gigabyte', `${HEAD}Content-Length: 999999999\r\n\r\n`, [...REFUSED, 'too_large']),
  raw('QUERY', 'QUERY /v1/contests HTTP/1.1\r\nHost: h\r\n\r\n', [...REFUSED, 'method_not_allowed']),
  post('text/plain', 'text/plain', VOTE, ['unsupported_media_type']),
  post('another charset', 'application/json; charset=utf-16', VOTE, ['unsupported_media_type']),
  post('multipart', 'multipart/form-data; boundary=x', VOTE, ['unsupported_media_type']),
  post('gzip coding', JSON_TYPE, VOTE, ['unsupported_media_type'], { 'content-encoding': 'gzip' }),
  post('unknown query', JSON_TYPE, VOTE, ['invalid_argument'], {}, '/v1/votes?voter[$ne]='),
  post('wait=maybe', JSON_TYPE, VOTE, ['invalid_argument'], {}, '/v1/votes?wait=maybe'),
  post('foreign origin', JSON_TYPE, VOTE, ['forbidden'], { origin: 'https://evil.example' }),
  post('null origin', JSON_TYPE, VOTE, ['forbidden'], { origin: 'null' }),
  post('form of a program', 'application/x-www-form-urlencoded', 'contest=cats-vs-dogs&choice=cats', ['forbidden']),
  post('form without a cookie', 'application/x-www-form-urlencoded', 'contest=bandas&choice=la-tona', ['http 401'], {
    'sec-fetch-site': 'same-origin',
  }),
  post(
    'form with a forged cookie',
    'application/x-www-form-urlencoded',
    'contest=bandas&choice=la-tona',
    ['http 401'],
    {
      'sec-fetch-site': 'same-origin',
      cookie: 'voter=web-aaaaaaaaaaaaaaaaaaaaaa~t0.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
    },
  ),
  post('NDJSON of invalid lines', 'application/x-ndjson', '1\n'.repeat(10_000), ['wrong_type']),
  post('NDJSON with too many votes', 'application/x-ndjson', '{}\n'.repeat(10_001), ['too_many_votes']),
  post('NDJSON over the limit', 'application/x-ndjson', ' '.repeat(1024 * 1024 + 1), ['too_large']),
  post('protobuf: truncated', 'application/protobuf', '\n\u0005a', ['malformed_protobuf']),
  post('protobuf: field 0', 'application/protobuf', '\u0002\u0000', ['malformed_protobuf']),
  post('protobuf: empty', 'application/protobuf', '', ['empty_body']),
  get('/nothing', 'not_found'),
  get('/v1/contests/__proto__/results', 'unknown_contest'),
  get('/assets/..%2f..%2fpackage.json', 'not_found'),
  get('/assets/%252e%252e/x', 'not_found'),
  get('//etc/passwd', 'not_found', 'http 404'),
  get(`/v1/contests/${'x'.repeat(3000)}`, 'unknown_contest'),
  get('/v1/receipts/%00', 'unknown_receipt'),
  get(`/v1/receipts/${'A'.repeat(38)}`, 'unknown_receipt'),
  get('/c/%3Cscript%3E', 'http 404'),
];
