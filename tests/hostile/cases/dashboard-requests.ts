import type { HostileCase } from '../hostile-case.ts';
import { rawCase } from '../raw-case.ts';

/** Admin token of the dashboard that the cases are sent to. */
export const HOSTILE_ADMIN_TOKEN = 'the-admin-of-hostile-tests';

const HEAD = 'Host: h\r\n';
const ADMIN = { authorization: `Bearer ${HOSTILE_ADMIN_TOKEN}` };
const CONTEST = '{"id":"x","title":"X","rule":"open","options":[{"id":"a"}]}';

const get = (path: string, expected: readonly string[], headers: Record<string, string> = {}): HostileCase => ({
  transport: 'HTTP/1.1',
  name: `GET ${path}`,
  sent: path,
  send: (target) => target.fetch(path, { headers }),
  expected,
});

const post = (
  name: string,
  body: string | Uint8Array,
  expected: readonly string[],
  headers: Record<string, string> = ADMIN,
  type = 'application/json',
): HostileCase => ({
  transport: 'HTTP/1.1',
  name,
  sent: `${type} ${typeof body === 'string' ? body : Buffer.from(body).toString('latin1')}`,
  send: (target) => target.post(type, body, headers, '/api/contests'),
  expected,
});

const corners: readonly HostileCase[] = [
  rawCase('HTTP/1.0 probe without Host', 'GET /healthz HTTP/1.0\r\n\r\n', /^HTTP\/1\.[01] 200 [\s\S]*ok/),
  rawCase('HTTP/1.0 readiness without Host', 'GET /readyz HTTP/1.0\r\n\r\n', /^HTTP\/1\.[01] 200 /),
  rawCase('HTTP/1.0 page without Host', 'GET / HTTP/1.0\r\nAccept: text/html\r\n\r\n', /^HTTP\/1\.[01] 200 /),
  rawCase('HTTP/1.1 without Host', 'GET /healthz HTTP/1.1\r\n\r\n', /^HTTP\/1\.1 400 /),
  rawCase('absolute-form target', `GET http://h/api/contests HTTP/1.1\r\n${HEAD}\r\n`, /^HTTP\/1\.1 200 /),
  rawCase('half-close after a request', `GET /api/contests HTTP/1.1\r\n${HEAD}\r\n`, /^HTTP\/1\.1 200 /, true),
  rawCase('two Host headers', 'GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', /^HTTP\/1\.1 400 /),
  rawCase('invalid Host', 'GET /healthz HTTP/1.1\r\nHost: a b<>\r\n\r\n', /^HTTP\/1\.1 400 /),
  ...['PROPFIND', 'QUERY', 'TRACE', 'PUT'].map((method) =>
    rawCase(
      method,
      `${method} /api/contests HTTP/1.1\r\n${HEAD}\r\n`,
      /^HTTP\/1\.1 405 [\s\S]*\r\nallow: GET, HEAD, POST\r\n/i,
    ),
  ),
  rawCase(
    'HEAD has the length of GET',
    `HEAD /api/contests HTTP/1.1\r\n${HEAD}Connection: close\r\n\r\n`,
    /^HTTP\/1\.1 200 (?![\s\S]*content-length: 0\r\n)/i,
  ),
  rawCase(
    'upgrade to h2c is ignored',
    `GET /healthz HTTP/1.1\r\n${HEAD}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n`,
    /^HTTP\/1\.1 200 /,
  ),
  rawCase(
    'three pipelined requests',
    `${`GET /healthz HTTP/1.1\r\n${HEAD}\r\n`.repeat(2)}GET /healthz HTTP/1.1\r\n${HEAD}Connection: close\r\n\r\n`,
    /^(HTTP\/1\.1 200 [\s\S]*?ok\n){3}$/,
  ),
  rawCase(
    'length and chunked',
    `POST /api/contests HTTP/1.1\r\n${HEAD}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    /^HTTP\/1\.1 400 |^$/,
  ),
  rawCase('20 kB header', `GET / HTTP/1.1\r\n${HEAD}X: ${'x'.repeat(20_000)}\r\n\r\n`, /^HTTP\/1\.1 431 |^$/),
  rawCase(
    'announced gigabyte',
    `POST /api/contests HTTP/1.1\r\n${HEAD}Content-Type: application/json\r\nContent-Length: 999999999\r\n\r\n`,
    /^HTTP\/1\.1 401 /,
  ),
];

const paths: readonly HostileCase[] = [
  get('/nothing', ['not_found']),
  get('/api/nothing', ['not_found']),
  get('//etc/passwd', ['not_found']),
  get('/assets/..%2f..%2fpackage.json', ['not_found']),
  get('/assets/%252e%252e/x', ['not_found']),
  get('/api/contests/__proto__', ['unknown_contest']),
  get('/api/contests/%00', ['unknown_contest']),
  get('/api/contests/%ff', ['unknown_contest']),
  get('/api/contests?view[$ne]=', ['invalid_argument']),
  get('/api/contests?__proto__=x', ['invalid_argument']),
  get('/api/contests?view=summary&view=summary', ['invalid_argument']),
  get('/api/logs?voter[$ne]=', ['invalid_argument']),
  get('/api/logs?limit=1e9', ['invalid_argument']),
  get('/api/logs?limit=%00', ['invalid_argument']),
  get('/api/logs?since=never', ['invalid_argument']),
  get('/api/logs?cursor=AAAA', ['invalid_argument']),
  get('/api/logs?voter=ana', ['unauthenticated']),
  get('/api/logs?token=the-admin-of-hostile-tests', ['invalid_argument']),
  get('/api/logs/votes/..%2f..%2f', ['not_found']),
  get('/api/logs?contest=$(id)', ['invalid_argument', 'unknown_contest']),
  get('/api/dead-letters/0/tally/1-0', ['unauthenticated']),
  get('/api/dead-letters/99999999999/tally/1-0', ['not_found'], ADMIN),
  get('/api/admin', ['unauthenticated']),
  get('/api/audit', ['unauthenticated']),
];

const bodies: readonly HostileCase[] = [
  post('no token', CONTEST, ['unauthenticated'], {}),
  post('wrong token', CONTEST, ['unauthenticated'], { authorization: 'Bearer nonsense' }),
  post('token of another scheme', CONTEST, ['unauthenticated'], { authorization: `Basic ${HOSTILE_ADMIN_TOKEN}` }),
  post('empty', '', ['empty_body']),
  post('truncated', '{"id":', ['malformed_json']),
  post('bytes after it', `${CONTEST}x`, ['malformed_json']),
  post('invalid UTF-8', Buffer.from('{"id":"\xff"}', 'latin1'), ['malformed_json', 'invalid_utf8']),
  post('null', 'null', ['invalid_argument']),
  post('array', '[]', ['invalid_argument']),
  post('__proto__', '{"__proto__":{"id":"x"}}', ['invalid_argument']),
  post('unknown field', CONTEST.replace('}]}', '}],"admin":true}'), ['invalid_argument']),
  post('path as id', CONTEST.replace('"x"', '"../x"'), ['invalid_argument']),
  post('taken id', CONTEST.replace('"x"', '"bandas"'), ['conflict']),
  post('nested 50,000 deep', '['.repeat(50_000), ['malformed_json', 'invalid_argument']),
  post('200,000 bytes', CONTEST + ' '.repeat(200_000), ['too_large']),
  post('text/plain', CONTEST, ['unsupported_media_type'], ADMIN, 'text/plain'),
  post('form', 'id=x', ['unsupported_media_type'], ADMIN, 'application/x-www-form-urlencoded'),
  post('gzip coding', CONTEST, ['unsupported_media_type'], { ...ADMIN, 'content-encoding': 'gzip' }),
];

/** The dashboard's protocol corner cases, paths and bodies. */
export const dashboardRequests: readonly HostileCase[] = [...corners, ...paths, ...bodies];
