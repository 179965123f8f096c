import { setTimeout as delay } from 'node:timers/promises';
import { readEdgeUrl } from '../addresses.ts';
import { defineCommand, EXIT } from '../command.ts';
import { seed } from '../seed/cast-seed-votes.ts';

const READY_MS = 60_000;

/** `votewire seed`: casts the sample votes at an edge once it is ready. */
export const command = defineCommand({
  positionals: '',
  description: `Casts 3,240 sample votes over HTTP and gRPC at EDGE_URL, or at the edge on this machine's PORT, once it is ready.
Repeating the command changes no count.`,
  options: { json: { type: 'boolean', help: 'Print the result as JSON' } },
  async run({ env, values, print, signal }) {
    const edgeUrl = readEdgeUrl(env);
    await waitUntilReady(edgeUrl);
    const startedAt = Date.now();
    const { http, grpc } = await seed(edgeUrl, signal);
    const ms = Date.now() - startedAt;
    print(
      values.json
        ? JSON.stringify({ http, grpc, ms })
        : `Seeded ${http + grpc} votes in ${ms} ms: ${http} over HTTP, ${grpc} over gRPC.`,
    );
    return EXIT.ok;
  },
});

async function waitUntilReady(edgeUrl: string): Promise<void> {
  let last = 'no answer';
  for (const until = Date.now() + READY_MS; Date.now() < until; await delay(250)) {
    try {
      const response = await fetch(`${edgeUrl}/readyz`);
      if (response.ok) return;
      last = `${response.status} ${(await response.text()).slice(0, 200)}`;
    } catch (error) {
      // The edge is not ready yet.
      last = error instanceof Error ? `${error.message} ${error.cause ?? ''}` : String(error);
    }
  }
  throw new Error(`EDGE_URL=${edgeUrl} was not ready within ${READY_MS / 1000} s: ${last}`);
}
