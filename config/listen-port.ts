import { ConfigError } from './config-error.ts';

/** System errors caused by the address, not by the port. */
const ADDRESS_ERRORS: ReadonlySet<string> = new Set(['EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN', 'EINVAL']);

/**
 * Calls `listen` and names the variable to change if that fails because of the port or the address.
 *
 * @param variable sets the port; `HOST` in the place of `PORT` sets the address
 * @throws {ConfigError} if the port is in use or reserved, or the address is not one of this machine
 */
export async function listenOnPort<T>(variable: string, port: number, listen: () => T | Promise<T>): Promise<T> {
  try {
    return await listen();
  } catch (error) {
    const { code = '', address, hostname } = error as NodeJS.ErrnoException & { address?: string; hostname?: string };
    if (code === 'EADDRINUSE') throw new ConfigError(`Port ${port} (${variable}) is already in use`);
    if (code === 'EACCES') throw new ConfigError(`Port ${port} (${variable}) needs privileges; use one from 1024`);
    if (!ADDRESS_ERRORS.has(code)) throw error;
    throw ConfigError.invalid(
      variable.replace('PORT', 'HOST'),
      hostname ?? address,
      `an address of this machine (${code})`,
    );
  }
}
