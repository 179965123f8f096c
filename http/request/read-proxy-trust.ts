import { ConfigError } from '../../config/config-error.ts';
import { type Env, readText } from '../../config/env.ts';
import { type ProxyTrust, parseProxyTrust } from './client-address.ts';

/**
 * Reads TRUST_PROXY. By default, no proxy is trusted.
 *
 * @throws {ConfigError} if `parseProxyTrust` rejects the value
 */
export function readProxyTrust(env: Env): ProxyTrust {
  const value = readText(env, 'TRUST_PROXY', 'false');
  const trust = parseProxyTrust(value);
  if (trust !== undefined) return trust;
  const rule = 'true, false, a number of proxies up to 16, or addresses and networks such as 10.0.0.0/8,::1';
  throw ConfigError.invalid('TRUST_PROXY', value, rule);
}
