/** `[scheme://][user[:password]@]host[:port][/path][?options]` without special characters in the credentials. */
const PLAIN =
  /^(?<scheme>[a-z][a-z0-9+.-]*:\/\/)?(?:(?<user>[^:@/?#]*)(?<password>:[^:@/?#]*)?@)?(?<host>(?:\[[0-9a-f:.]+\]|[^:@/?#[\]]*)(?::\d*)?(?:[/?][^@]*)?)$/i;
const SECRET_OPTION = /([?&][^=&]*(?:password|token|secret)[^=&]*=)[^&]*/gi;

/**
 * Replaces the password of every URL in a comma-separated list, for logs and error messages. If a part is not clearly a
 * URL, its password may be anywhere before the last `@`, so all text before it is replaced.
 */
export function redactPasswords(urls: string): string {
  const parts = urls.split(',').map((part) => PLAIN.exec(part.trim())?.groups);
  // `user:12,34@host`: the first part looks like a host with a port, but the comma belongs to the password.
  const isSplitPassword = parts[0]?.user === undefined && parts.some((part) => part?.user !== undefined);
  const shown =
    isSplitPassword || parts.some((part) => part === undefined)
      ? urls.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, '$1***@')
      : parts.map((part) => redactPart(part ?? {})).join(',');
  return shown.replaceAll(SECRET_OPTION, '$1***');
}

function redactPart({ scheme = '', user, password, host = '' }: Partial<Record<string, string>>): string {
  if (user === undefined) return `${scheme}${host}`;
  return `${scheme}${user}${password === undefined ? '' : ':***'}@${host}`;
}
