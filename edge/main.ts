import { limitHeapGrowth } from '../config/limit-heap-growth.ts';
import { runEdge } from './runtime/run-edge.ts';
import { startEdge } from './runtime/start-edge.ts';

/** The edge on Node, Bun and Deno. */
limitHeapGrowth();
await runEdge(startEdge);
