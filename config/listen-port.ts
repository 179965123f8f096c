import { ConfigError } from './config-error.ts';

/** System errors caused by the address, not by the port. */
const ADDRESS_ERRORS: ReadonlySet<string> = new Set(['EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN', 'EINVAL']);

/**
 * Calls `listen`. If that fails because of the port or the address, the error names the variable to change.
 *
 * @param variable sets the port; its name with `HOST` instead of `PORT` is the variable that sets the address
 * @throws {ConfigError} if the port is in use or privileged, or the address is not one of this machine
 */
export async function listenOnPort<T>(variable: string, port: number, listen: () => T | Promise<T>): Promise<T> {
  try {
    return await listen();
  } catch (error) {
    const { code = '', address, hostname } = error as NodeJS.ErrnoException & { address?: string; hostname?: string };
    if (code === 'EADDRINUSE') throw new ConfigError(`Port ${port} (${variable}) is already in use`);
    if (code === 'EACCES') throw new ConfigError(`Port ${port} (${variable}) needs privileges; use 1024 or higher`);
    if (!ADDRESS_ERRORS.has(code)) throw error;
    throw ConfigError.invalid(
      variable.replace('PORT', 'HOST'),
      hostname ?? address,
      `an address of this machine (${code})`,
    );
  }
}
