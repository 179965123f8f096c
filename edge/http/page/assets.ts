import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { EdgeApp } from '../edge-env.ts';

/** Files that the pages load, by their names in this folder. The version in the address changes with the content. */
export interface PageAssets {
  address(name: AssetName): string;
  readonly files: readonly { readonly name: string; readonly type: string; readonly content: string }[];
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
    return { name, type, content };
  });
  return { address: (name) => addresses.get(name) ?? '', files };
}

export function mountAssets(app: EdgeApp, { files }: PageAssets): void {
  for (const { name, type, content } of files) {
    const headers = { 'content-type': type, 'cache-control': 'public, max-age=31536000, immutable' };
    app.get(`/assets/${name}`, (c) => c.body(content, 200, headers));
  }
  // A service worker controls the pages below its own address only.
  const worker = files.find(({ name }) => name === 'vote-worker.js');
  app.get('/vote-worker.js', (c) =>
    c.body(worker?.content ?? '', 200, { 'content-type': worker?.type ?? '', 'cache-control': 'no-cache' }),
  );
}

/** Without indentation and lines of comments, which are a quarter of the bytes. No file has text of several lines. */
function withoutComments(source: string): string {
  const lines = source.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '' && !/^(\/\/.*|\/\*.*\*\/)$/.test(line)).join('\n');
}
