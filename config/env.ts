import { ConfigError } from './config-error.ts';

/** A process's environment variables. Only entry files read `process.env`; everything else is passed an `Env`. */
export type Env = Readonly<Record<string, string | undefined>>;

/** False for an empty value too: compose files set a variable that is absent to ''. */
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

/** One of a few words. */
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

/** A secret of at least 16 characters; its value never appears in an error. */
export function readSecret(env: Env, name: string): string | undefined {
  const value = env[name] ?? '';
  if (value === '') return undefined;
  if (value.length < 16) throw ConfigError.invalid(name, undefined, 'at least 16 characters long');
  return value;
}
