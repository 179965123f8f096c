import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { loadStaticFiles } from './static-files.ts';

const LARGE = '.a { color: red }\n'.repeat(1000);

describe('static files', () => {
  let dir: string;
  let server: ReturnType<typeof createAdaptorServer>;
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'votewire-static-'));
    await mkdir(join(dir, 'dist', 'assets'), { recursive: true });
    await writeFile(join(dir, 'secret.txt'), 'the secret');
    await writeFile(join(dir, 'dist', 'index.html'), '<title>page</title>');
    await writeFile(join(dir, 'dist', 'assets', 'app-1a2b.js'), 'run()');
    await writeFile(join(dir, 'dist', 'assets', 'large.css'), LARGE);
    const files = loadStaticFiles(join(dir, 'dist'));
    const app = new Hono();
    app.notFound((c) => {
      const ifNoneMatch = c.req.header('if-none-match');
      const acceptEncoding = c.req.header('accept-encoding');
      return files(new URL(c.req.url).pathname, { ifNoneMatch, acceptEncoding }) ?? c.text('nothing', 404);
    });
    server = createAdaptorServer({ fetch: app.fetch }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(async () => {
    server.close();
    await rm(dir, { recursive: true });
  });

  /** Asks with the path exactly as written: fetch would tidy it up. */
  async function ask(path: string, headers = ''): Promise<string> {
    const socket = connect((server.address() as { port: number }).port, '127.0.0.1');
    socket.end(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${headers}\r\n`);
    let text = '';
    for await (const chunk of socket) text += chunk;
    return text;
  }

  test('serves what was built, each with its type', async () => {
    for (const page of ['/', '/log', '/system', '/bench', '/contests/bandas', '/contests/bandas?stage']) {
      assert.match(await ask(page), /^HTTP\/1\.1 200 [\s\S]*<title>page<\/title>$/, page);
    }
    const script = await ask('/assets/app-1a2b.js');
    assert.match(script, /content-type: text\/javascript/i);
    assert.match(script, /cache-control: public, max-age=31536000, immutable/i);
    const etag = /etag: (.*)\r/i.exec(await ask('/'))?.[1] ?? '';
    assert.match(await ask('/', `if-none-match: ${etag}\r\n`), /^HTTP\/1\.1 304 /);
  });

  test('is packed for those who take it', async () => {
    const url = `http://127.0.0.1:${(server.address() as { port: number }).port}/assets/large.css`;
    const get = (encoding: string) => fetch(url, { headers: { 'accept-encoding': encoding } });
    const packed = await get('br, gzip');
    assert.equal(packed.headers.get('content-encoding'), 'gzip');
    assert.equal(packed.headers.get('vary'), 'accept-encoding');
    assert.equal(await packed.text(), LARGE);
    for (const encoding of ['identity', 'gzip;q=0', 'br']) {
      const plain = await get(encoding);
      assert.equal(plain.headers.get('content-encoding'), null, encoding);
      assert.equal(await plain.text(), LARGE);
    }
    const etag = packed.headers.get('etag') ?? '';
    assert.equal((await fetch(url, { headers: { 'if-none-match': etag } })).status, 304);
  });

  const hostile = [
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/%2e%2e%2fsecret.txt',
    '/%252e%252e/secret.txt',
    '/assets/../../secret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/..%5csecret.txt',
    '/..\\secret.txt',
    '//secret.txt',
    '///etc/passwd',
    '/assets//app-1a2b.js',
    '/%00',
    '/index.html%00.js',
    '/./secret.txt',
    '/contests/../../secret.txt',
    '/assets',
    '/assets/',
    '/ASSETS/app-1a2b.js',
    '/contests/UPPER',
    '/constructor',
    '/__proto__',
  ];
  for (const path of hostile) {
    test(`has nothing at ${path}`, async () => {
      const answer = await ask(path);
      assert.match(answer, /^HTTP\/1\.1 (404|400) /);
      assert.doesNotMatch(answer, /the secret|root:|run\(\)/);
    });
  }

  test('has a page for what is not there, which nobody keeps', async () => {
    const page = loadStaticFiles(join(dir, 'dist')).notFound();
    assert.deepEqual([page?.status, await page?.text()], [404, '<title>page</title>']);
    assert.deepEqual([page?.headers.get('etag'), page?.headers.get('cache-control')], [null, 'no-store']);
    assert.equal(loadStaticFiles(join(dir, 'nowhere')).notFound(), undefined);
  });

  test('says how to build the pages where they are not built', async () => {
    const files = loadStaticFiles(join(dir, 'nowhere'));
    assert.match((await files('/')?.text()) ?? '', /npm run build:web/);
  });
});
