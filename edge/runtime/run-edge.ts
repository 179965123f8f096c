import { ConfigError } from '../../config/config-error.ts';
import type { Edge } from '../edge.ts';
import { edgeLog } from '../edge-log.ts';

/** An edge with its servers. */
export interface RunningEdge {
  readonly edge: Edge;
  /** The port it listens on. */
  readonly port: number;
  /** Accepts no new connections, lets requests in flight finish, closes the rest after `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

/** Time left for closing the connections to Redis. */
const RESERVE_MS = 1000;

/**
 * Runs an edge until SIGTERM or SIGINT: it turns unready, finishes what it accepted, and exits within STOP_TIMEOUT_MS.
 * During the start it has accepted nothing and exits at once. An invalid variable ends the process with a message and
 * exit code 2.
 */
export async function runEdge(start: () => Promise<RunningEdge>): Promise<void> {
  let running: RunningEdge | undefined;
  let stopping = false;
  const end = async ({ edge, stop }: RunningEdge, signal: string) => {
    if (stopping) return;
    stopping = true;
    const { stopTimeoutMs } = edge.config;
    edgeLog.info({ name: edge.config.name, signal }, 'Stopping');
    const late = setTimeout(() => {
      edgeLog.error({ name: edge.config.name }, `Not stopped after ${stopTimeoutMs} ms (STOP_TIMEOUT_MS); exiting`);
      process.exit(1);
    }, stopTimeoutMs);
    edge.beginStop();
    await stop(Math.max(0, stopTimeoutMs - RESERVE_MS));
    await edge[Symbol.asyncDispose]();
    clearTimeout(late);
    process.exit(0);
  };
  // Installed first, because in a container this is process 1, which ignores signals without a handler.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (running === undefined) process.exit(0);
      void end(running, signal);
    });
  }
  try {
    running = await start();
    announceAccess(running.edge);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    edgeLog.fatal(error.message);
    process.exit(2);
  }
}

/** Logs what is open, so that no one unknowingly exposes it to the internet. */
function announceAccess({ config }: Edge): void {
  if (config.producerKeys.length > 0) return;
  edgeLog.warn(
    { name: config.name },
    'Producers are open: programs may vote as any voter. Set PRODUCER_KEYS to require keys',
  );
}
