import { runEdge } from './run-edge.ts';
import { startEdge } from './start-edge.ts';

/** The edge on Node. */
await runEdge(startEdge);
