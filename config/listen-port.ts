import { ConfigError } from './config-error.ts';

/**
 * Calls `listen` and names the variable that sets the port if another program uses it.
 *
 * @throws {ConfigError} if the port is in use
 */
export async function listenOnPort<T>(variable: string, port: number, listen: () => T | Promise<T>): Promise<T> {
  try {
    return await listen();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new ConfigError(`Port ${port} (${variable}) is already in use`);
  }
}
