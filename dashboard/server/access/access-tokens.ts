import { ConfigError } from '../../../config/config-error.ts';
import { type Env, isSet, readSecret } from '../../../config/env.ts';
import { type HashedKey, hashKey, parseHashedKeys } from '../../../config/secrets/hashed-keys.ts';

/** The role of a token. An administrator may also read. */
export type Role = 'admin' | 'reader';

export function mayActAs(role: Role, needed: Role): boolean {
  return role === 'admin' || role === needed;
}

export interface AccessToken extends HashedKey {
  readonly role: Role;
}

/**
 * Reads the tokens of ADMIN_TOKEN (named `admin`), ADMIN_TOKENS (`name:hash`, several) and READ_TOKEN (named `reader`).
 *
 * @throws {ConfigError} for the first invalid value
 */
export function readAccessTokens(env: Env): readonly AccessToken[] {
  const tokens: AccessToken[] = [];
  const admin = readToken('ADMIN_TOKEN', readSecret(env, 'ADMIN_TOKEN'));
  if (admin !== undefined) tokens.push({ name: 'admin', role: 'admin', digest: admin });
  const reader = readToken('READ_TOKEN', readSecret(env, 'READ_TOKEN'));
  if (reader !== undefined) tokens.push({ name: 'reader', role: 'reader', digest: reader });
  const named = isSet(env, 'ADMIN_TOKENS') ? parseHashedKeys('ADMIN_TOKENS', env.ADMIN_TOKENS ?? '', 'name:hash') : [];
  tokens.push(...named.map(({ name, digest }) => ({ name, digest, role: 'admin' as const })));
  const clash = tokens.find(({ role, digest }) => tokens.some((one) => one.role !== role && one.digest.equals(digest)));
  if (clash !== undefined) throw new ConfigError('READ_TOKEN is also an admin token; use different tokens');
  return tokens;
}

function readToken(variable: string, token: string | undefined): Buffer | undefined {
  if (token === undefined) return undefined;
  if (/^[\x21-\x7e]+$/.test(token)) return hashKey(token);
  throw ConfigError.invalid(variable, undefined, 'ASCII without spaces, which an Authorization header can carry');
}
