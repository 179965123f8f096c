import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { acceptsGzip } from '../../../http/request/accepts-gzip.ts';

export interface StaticFiles {
  /** Answers with a built file; undefined if there is none at the path. */
  (path: string, request?: StaticRequest): Response | undefined;
  /** The page for unknown addresses; undefined if the pages are not built. */
  notFound(request?: Pick<StaticRequest, 'acceptEncoding'>): Response | undefined;
}

/** The request headers that affect how a file is sent. */
export interface StaticRequest {
  readonly ifNoneMatch?: string | undefined;
  readonly acceptEncoding?: string | undefined;
}

interface StaticFile {
  readonly body: Uint8Array<ArrayBuffer>;
  /** undefined: compression does not help. */
  readonly gzip: Uint8Array<ArrayBuffer> | undefined;
  readonly type: string;
  readonly etag: string;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};

/** Paths of pages. All serve the same document, which renders the page for its path. */
const PAGES = /^\/(?:(?:(?:contests|embed)\/[a-z0-9][a-z0-9._-]{0,63}|log|system|bench))?$/;

const NOT_BUILT =
  '<!doctype html><html lang="en"><title>Votewire</title><p>The pages are not built: run <code>npm run build:web</code> and restart the dashboard. The API is at <a href="/openapi.json">/openapi.json</a>.';

/**
 * Reads every file below `folder` once. Requests are looked up among these files and never become file system paths, so
 * that no spelling of `../..` leads out of the folder.
 */
export function loadStaticFiles(folder: string): StaticFiles {
  const files = new Map<string, StaticFile>();
  for (const name of listFiles(folder)) {
    const body = new Uint8Array(readFileSync(join(folder, name)));
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
    const type = TYPES[extname(name)] ?? 'application/octet-stream';
    const packed = new Uint8Array(gzipSync(body, { level: 9 }));
    const gzip = packed.length < body.length * 0.9 ? packed : undefined;
    files.set(`/${name.replaceAll('\\', '/')}`, { body, gzip, type, etag });
  }

  const find = (path: string, { ifNoneMatch, acceptEncoding }: StaticRequest = {}) => {
    const isPage = PAGES.test(path);
    const file = files.get(isPage ? '/index.html' : path);
    if (file === undefined) {
      return isPage
        ? new Response(NOT_BUILT, { status: 503, headers: { 'content-type': 'text/html; charset=utf-8' } })
        : undefined;
    }
    // Names below /assets/ contain a hash of the content.
    const caching = path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
    const headers = { 'content-type': file.type, etag: file.etag, 'cache-control': caching, vary: 'accept-encoding' };
    if (ifNoneMatch?.replace(/^W\//, '') === file.etag) return new Response(null, { status: 304, headers });
    if (file.gzip === undefined || !acceptsGzip(acceptEncoding)) {
      return new Response(file.body, { headers });
    }
    // A weak tag, because this is the same content in another encoding.
    return new Response(file.gzip, { headers: { ...headers, etag: `W/${file.etag}`, 'content-encoding': 'gzip' } });
  };

  const notFound = (request: Pick<StaticRequest, 'acceptEncoding'> = {}) => {
    const page = find('/', { acceptEncoding: request.acceptEncoding });
    if (page?.status !== 200) return undefined;
    const headers = new Headers(page.headers);
    headers.delete('etag');
    headers.set('cache-control', 'no-store');
    headers.set('vary', 'accept, accept-encoding');
    return new Response(page.body, { status: 404, headers });
  };
  return Object.assign(find, { notFound });
}

function listFiles(folder: string): string[] {
  const there = statSync(folder, { throwIfNoEntry: false })?.isDirectory() ?? false;
  if (!there) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(folder, '/').length));
}
