import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { acceptsGzip } from '../../../http/request/accepts-gzip.ts';
import type { EdgeApp, EdgeContext } from '../edge-env.ts';

/** Files that the pages load, by name. The version in the address changes with the content. */
export interface PageAssets {
  address(name: AssetName): string;
  readonly files: readonly AssetFile[];
}

interface AssetFile {
  readonly name: string;
  readonly type: string;
  readonly content: string;
  readonly gzip: Uint8Array<ArrayBuffer>;
}

type AssetName = keyof typeof TYPES;

const TYPES = {
  'vote.css': 'text/css; charset=utf-8',
  'vote.js': 'text/javascript; charset=utf-8',
  'vote-worker.js': 'text/javascript; charset=utf-8',
  'votewire.svg': 'image/svg+xml',
} as const;

export function pageAssets(): PageAssets {
  const addresses = new Map<string, string>();
  const files = Object.entries(TYPES).map(([name, type]) => {
    const content = withoutComments(readFileSync(new URL(name, import.meta.url), 'utf8'));
    const version = createHash('sha256').update(content).digest('base64url').slice(0, 10);
    addresses.set(name, `/assets/${name}?v=${version}`);
    return { name, type, content, gzip: new Uint8Array(gzipSync(content, { level: 9 })) };
  });
  return { address: (name) => addresses.get(name) ?? '', files };
}

export function mountAssets(app: EdgeApp, { files }: PageAssets): void {
  for (const file of files) {
    app.get(`/assets/${file.name}`, (c) => send(c, file, 'public, max-age=31536000, immutable'));
  }
  // A service worker controls only pages below its own path.
  const worker = files.find(({ name }) => name === 'vote-worker.js');
  if (worker !== undefined) app.get('/vote-worker.js', (c) => send(c, worker, 'no-cache'));
}

function send(c: EdgeContext, { type, content, gzip }: AssetFile, caching: string): Response {
  const headers = { 'content-type': type, 'cache-control': caching, vary: 'accept-encoding' };
  return acceptsGzip(c.req.header('accept-encoding'))
    ? c.body(gzip, 200, { ...headers, 'content-encoding': 'gzip' })
    : c.body(content, 200, headers);
}

/** Removes indentation and comment lines, a quarter of the bytes. Safe because no file has multi-line text. */
function withoutComments(source: string): string {
  const lines = source.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '' && !/^(\/\/.*|\/\*.*\*\/)$/.test(line)).join('\n');
}
