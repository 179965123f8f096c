import { once } from 'node:events';
import { createServer } from 'node:net';

/** A port that a service is going to listen on. */
interface NeededPort {
  readonly service: string;
  /** The variable that sets the port. */
  readonly variable: string;
  readonly port: number;
  /** Empty: all interfaces. */
  readonly host: string;
}

/** System errors caused by the host instead of the port. */
const HOST_ERRORS: ReadonlySet<string> = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EADDRNOTAVAIL']);

/** Tries each port. Returns a message for each unavailable one with the variable, the cause and the remedy. */
export async function findTakenPorts(ports: readonly NeededPort[]): Promise<string[]> {
  const problems: string[] = [];
  for (const { variable, port, host } of ports) {
    const code = await tryToListen(port, host);
    if (code === undefined) continue;
    if (HOST_ERRORS.has(code)) {
      const name = variable.replace('PORT', 'HOST');
      problems.push(`${name}=${host} is not allowed: it must be an address of this machine (${code}).`);
      continue;
    }
    const cause = code === 'EADDRINUSE' ? 'is already in use' : `is not available (${code})`;
    const other = port < 1024 ? port + 8000 : (port + 10_000) % 65_536;
    problems.push(
      `Port ${port} (${variable}) ${cause}. Stop the program that uses it, or choose another port: ${variable}=${other} npm start.`,
    );
  }
  const seen = new Map<number, NeededPort>();
  for (const needed of ports) {
    const other = seen.get(needed.port);
    if (other !== undefined && needed.port !== 0) {
      problems.push(
        `${other.variable} and ${needed.variable} are both ${needed.port}; the ${other.service} and the ${needed.service} need different ports.`,
      );
    }
    seen.set(needed.port, needed);
  }
  return problems;
}

async function tryToListen(port: number, host: string): Promise<string | undefined> {
  const server = createServer();
  try {
    server.listen(host === '' ? { port } : { port, host });
    await once(server, 'listening');
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  } finally {
    if (server.listening) {
      server.close();
      await once(server, 'close');
    }
  }
}
