import { ConfigError } from './config-error.ts';
import { type Env, readFileVariable } from './env.ts';
import { redactPasswords } from './secrets/redact-passwords.ts';

const RULE =
  'redis://[user:password@]host[:port][/database] or rediss://…; several, separated by commas, for Redis Cluster; ' +
  'percent-encode special characters in the password';

/**
 * The addresses in `REDIS_URL`. A query or a fragment is an error, because it would have no effect.
 *
 * @throws {ConfigError} for an invalid address; the message shows no password
 */
export function readRedisUrls(env: Env): string[] {
  const value = readFileVariable(env, 'REDIS_URL') ?? 'redis://127.0.0.1:6379';
  const fail = (rule: string) => ConfigError.invalid('REDIS_URL', redactPasswords(value), rule);
  const urls: URL[] = [];
  for (const part of value.split(',')) {
    const url = parse(part.trim(), urls[0]);
    if (url === undefined) throw fail(RULE);
    urls.push(url);
  }
  const [first] = urls;
  if (urls.length > 1 && urls.some(({ pathname }) => !['', '/', '/0'].includes(pathname))) {
    throw fail(`${RULE}; Redis Cluster has only database 0`);
  }
  if (urls.some((url) => url.protocol !== first?.protocol || url.password !== first.password)) {
    throw fail(`${RULE}; all of them must have the scheme and password of the first`);
  }
  // URL adds a slash that the variable does not have.
  return urls.map(({ href, pathname }) => (pathname === '/' ? href.replace(/\/$/, '') : href));
}

/** `redis://a,b:7001,c`: hosts after the first may omit the scheme and the credentials. */
function parse(text: string, first: URL | undefined): URL | undefined {
  const scheme = /^rediss?:\/\//.test(text) ? '' : `${first?.protocol ?? 'redis:'}//`;
  const url = URL.canParse(scheme + text) ? new URL(scheme + text) : undefined;
  if (url === undefined || !/^rediss?:$/.test(url.protocol) || url.hostname === '' || url.port === '0')
    return undefined;
  if (!/^(\/\d{0,4})?$/.test(url.pathname) || /[?#]/.test(text)) return undefined;
  if (first !== undefined && url.username === '' && url.password === '') {
    url.username = first.username;
    url.password = first.password;
  }
  return url;
}
