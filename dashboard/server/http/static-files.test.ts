import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadStaticFiles } from './static-files.ts';

const LARGE = '.a { color: red }\n'.repeat(1000);

describe('static files', () => {
  let dir: string;
  let server: ReturnType<typeof createAdaptorServer>;
  beforeAll(async () => {
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
  afterAll(async () => {
    server.close();
    await rm(dir, { recursive: true });
  });

  /** Sends the path exactly as written; fetch would normalize it. */
  async function ask(path: string, headers = ''): Promise<string> {
    const socket = connect((server.address() as { port: number }).port, '127.0.0.1');
    socket.end(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${headers}\r\n`);
    let text = '';
    for await (const chunk of socket) text += chunk;
    return text;
  }

  test('serves the built files with their types', async () => {
    for (const page of ['/', '/log', '/system', '/bench', '/contests/bandas', '/contests/bandas?stage']) {
      expect(await ask(page), page).toMatch(/^HTTP\/1\.1 200 [\s\S]*<title>page<\/title>$/);
    }
    const script = await ask('/assets/app-1a2b.js');
    expect(script).toMatch(/content-type: text\/javascript/i);
    expect(script).toMatch(/cache-control: public, max-age=31536000, immutable/i);
    const etag = /etag: (.*)\r/i.exec(await ask('/'))?.[1] ?? '';
    expect(await ask('/', `if-none-match: ${etag}\r\n`)).toMatch(/^HTTP\/1\.1 304 /);
  });

  test('compresses for clients that accept gzip', async () => {
    const url = `http://127.0.0.1:${(server.address() as { port: number }).port}/assets/large.css`;
    const get = (encoding: string) => fetch(url, { headers: { 'accept-encoding': encoding } });
    const packed = await get('br, gzip');
    expect(packed.headers.get('content-encoding')).toBe('gzip');
    expect(packed.headers.get('vary')).toBe('accept-encoding');
    expect(await packed.text()).toBe(LARGE);
    for (const encoding of ['identity', 'gzip;q=0', 'br']) {
      const plain = await get(encoding);
      expect(plain.headers.get('content-encoding'), encoding).toBe(null);
      expect(await plain.text()).toBe(LARGE);
    }
    const etag = packed.headers.get('etag') ?? '';
    expect((await fetch(url, { headers: { 'if-none-match': etag } })).status).toBe(304);
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
    test(`finds no file at ${path}`, async () => {
      const answer = await ask(path);
      expect(answer).toMatch(/^HTTP\/1\.1 (404|400) /);
      expect(answer).not.toMatch(/the secret|root:|run\(\)/);
    });
  }

  test('answers unknown addresses with a page that is not cached', async () => {
    const page = loadStaticFiles(join(dir, 'dist')).notFound();
    expect([page?.status, await page?.text()]).toStrictEqual([404, '<title>page</title>']);
    expect([page?.headers.get('etag'), page?.headers.get('cache-control')]).toStrictEqual([null, 'no-store']);
    expect(loadStaticFiles(join(dir, 'nowhere')).notFound()).toBe(undefined);
  });

  test('explains how to build the pages if they are missing', async () => {
    const files = loadStaticFiles(join(dir, 'nowhere'));
    expect((await files('/')?.text()) ?? '').toMatch(/npm run build:web/);
  });
});
