import { ConfigError } from './config-error.ts';
import { type Env, readFileVariable } from './env.ts';
import { redactPasswords } from './secrets/redact-passwords.ts';

const RULE =
  'redis://[user:password@]host[:port][/database] or rediss://…, for Redis Cluster several of them separated by commas; ' +
  'percent-encode special characters of the password';

/**
 * The addresses in `REDIS_URL`. Every part of them takes effect: a query or a fragment is an error.
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
    throw fail(`${RULE}; all of them with the scheme and the password of the first`);
  }
  // URL would add a slash that is not in the variable.
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
