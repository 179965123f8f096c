import { setTimeout as delay } from 'node:timers/promises';
import { ConfigError } from '../config/config-error.ts';
import { readInteger, readText } from '../config/env.ts';
import { findGrpcUrl } from '../supervisor/grpc-url.ts';
import { seed } from './seed/cast-seed-votes.ts';

/**
 * `npm run seed`: casts the seed votes at EDGE_URL (default: the edge on this machine's PORT), once it is ready; over gRPC
 * at the same address, or at GRPC_PORT where an edge on Bun or Deno answers it.
 */
const READY_MS = 60_000;

try {
  const edgeUrl = readEdgeUrl();
  const grpcPort = readInteger(process.env, 'GRPC_PORT', { fallback: 8081, min: 1, max: 65_535 });
  await waitUntilReady(edgeUrl);
  const grpcUrl = await findGrpcUrl(edgeUrl, grpcPort);
  const startedAt = Date.now();
  const { http, grpc } = await seed({ edgeUrl, grpcUrl });
  console.log(`Seeded ${http + grpc} votes in ${Date.now() - startedAt} ms: ${http} over HTTP, ${grpc} over gRPC.`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

function readEdgeUrl(): string {
  const port = readInteger(process.env, 'PORT', { fallback: 8080, min: 1, max: 65_535 });
  const url = readText(process.env, 'EDGE_URL', `http://127.0.0.1:${port}`);
  if (!/^https?:\/\/[^/]+\/?$/.test(url)) throw ConfigError.invalid('EDGE_URL', url, 'http://host:port');
  return url.replace(/\/$/, '');
}

async function waitUntilReady(edgeUrl: string): Promise<void> {
  let last = 'no answer';
  for (const until = Date.now() + READY_MS; Date.now() < until; await delay(250)) {
    try {
      const response = await fetch(`${edgeUrl}/readyz`);
      if (response.ok) return;
      last = `${response.status} ${(await response.text()).slice(0, 200)}`;
    } catch (error) {
      // Not up yet.
      last = error instanceof Error ? `${error.message} ${error.cause ?? ''}` : String(error);
    }
  }
  throw new Error(`EDGE_URL=${edgeUrl} was not ready within ${READY_MS / 1000} s: ${last}`);
}
