import { ConfigError } from './store-config.ts';

/**
 * Listens on the port that the variable sets.
 *
 * @throws {ConfigError} where another program has it: a sentence for whoever starts a part by hand
 */
export async function onOwnPort<T>(variable: string, port: number, listen: () => T | Promise<T>): Promise<T> {
  try {
    return await listen();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new ConfigError(variable, `${port}`, 'a port where no other program listens');
  }
}
