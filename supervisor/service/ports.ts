import { once } from 'node:events';
import { createServer } from 'node:net';

/** A port that a part is going to listen on. */
export interface NeededPort {
  readonly part: string;
  /** The variable that sets it. */
  readonly variable: string;
  readonly port: number;
  /** Empty: every interface. */
  readonly host: string;
}

/** What the system says where the host, and not the port, is what can't be had. */
const NO_ADDRESS: ReadonlySet<string> = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EADDRNOTAVAIL']);

/** Tries each port. Returns a sentence for each that can't be had: which, why, and the remedy. */
export async function findTakenPorts(ports: readonly NeededPort[]): Promise<string[]> {
  const problems: string[] = [];
  for (const { part, variable, port, host } of ports) {
    const code = await tryToListen(port, host);
    if (code === undefined) continue;
    if (NO_ADDRESS.has(code)) {
      const name = variable.replace('PORT', 'HOST');
      problems.push(`${name}=${host} is not allowed: it must be an address of this machine (${code}).`);
      continue;
    }
    const why = code === 'EADDRINUSE' ? 'another program listens there' : `the system says ${code}`;
    const free = port < 1024 ? port + 8000 : (port + 10_000) % 65_536;
    problems.push(
      `${variable}=${port} can't be had for the ${part}: ${why}. ` +
        `Stop that program, or set another port, as ${variable}=${free} npm start.`,
    );
  }
  const seen = new Map<number, NeededPort>();
  for (const needed of ports) {
    const other = seen.get(needed.port);
    if (other !== undefined && needed.port !== 0) {
      problems.push(
        `${other.variable} and ${needed.variable} are both ${needed.port}: the ${other.part} and the ${needed.part} need a port each.`,
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
