import { runEdge } from './run-edge.ts';
import { startEdge } from './start-edge.ts';

/** The edge on Deno. */
await runEdge(startEdge);
