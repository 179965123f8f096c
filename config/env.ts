import { readFileSync } from 'node:fs';
import { ConfigError } from './config-error.ts';

/** A process's environment variables. Only entry files read `process.env`; all other code receives an `Env`. */
export type Env = Readonly<Record<string, string | undefined>>;

/** False for an empty value as well: Compose files set absent variables to ''. */
export function isSet(env: Env, name: string): boolean {
  return (env[name] ?? '') !== '';
}

/** An integer from `min` to `max`. */
export function readInteger(env: Env, name: string, range: { fallback: number; min: number; max: number }): number {
  const value = env[name] ?? '';
  if (value === '') return range.fallback;
  const number = /^-?\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
  if (Number.isNaN(number) || number < range.min || number > range.max) {
    throw ConfigError.invalid(name, value, `an integer from ${range.min} to ${range.max}`);
  }
  return number;
}

/** One of `choices`. */
export function readChoice<T extends string>(env: Env, name: string, fallback: T, choices: readonly T[]): T {
  const value = env[name] ?? '';
  if (value === '') return fallback;
  const found = choices.find((choice) => choice === value);
  if (found === undefined) throw ConfigError.invalid(name, value, `one of ${choices.join(', ')}`);
  return found;
}

/** `true`, `1`, `false` or `0`. */
export function readFlag(env: Env, name: string, fallback: boolean): boolean {
  const value = readChoice(env, name, fallback ? 'true' : 'false', ['true', '1', 'false', '0']);
  return value === 'true' || value === '1';
}

/** Any text of at most 1,024 characters without control characters. */
export function readText(env: Env, name: string, fallback: string): string {
  const value = env[name] ?? '';
  if (value === '') return fallback;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this rejects
  if (value.length > 1024 || /[\u0000-\u001f\u007f]/.test(value)) {
    throw ConfigError.invalid(name, value.slice(0, 60), 'at most 1,024 characters without control characters');
  }
  return value;
}

/** @throws {ConfigError} if the variable is set although another setting makes it ineffective */
export function rejectWithoutEffect(env: Env, name: string, reason: string): void {
  if (isSet(env, name)) throw new ConfigError(`${name} has no effect ${reason}; unset it`);
}

/** A secret of at least 16 characters, from `NAME` or `NAME_FILE`; its value never appears in an error. */
export function readSecret(env: Env, name: string): string | undefined {
  const value = readFileVariable(env, name);
  if (value !== undefined && value.length < 16)
    throw ConfigError.invalid(name, undefined, 'at least 16 characters long');
  return value;
}

/**
 * The value of `NAME`, or the content of the file named by `NAME_FILE`, as Docker and Kubernetes mount secrets;
 * undefined if neither is set.
 *
 * @throws {ConfigError} if both are set, the file cannot be read, or the value has control characters
 */
export function readFileVariable(env: Env, name: string): string | undefined {
  const fileName = `${name}_FILE`;
  if (!isSet(env, fileName)) return checkSecretText(name, env[name] ?? '');
  if (isSet(env, name)) throw new ConfigError(`${name} and ${fileName} are both set; unset one of them`);
  const path = env[fileName] ?? '';
  const value = readFileOnce(path);
  if (value === undefined) throw ConfigError.invalid(fileName, path, 'a file that exists and can be read');
  if (value === '') throw ConfigError.invalid(fileName, path, 'a file that is not empty');
  return checkSecretText(name, value);
}

/** The trimmed text of a file; undefined if it cannot be read. */
export function readFileOnce(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    // The file is absent, a folder, or not readable; the caller decides whether that is an error.
    return undefined;
  }
}

function checkSecretText(name: string, value: string): string | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this rejects
  if (value.length > 4096 || /[\u0000-\u001f\u007f]/.test(value)) {
    throw ConfigError.invalid(name, undefined, 'at most 4,096 characters without control characters');
  }
  return value === '' ? undefined : value;
}
