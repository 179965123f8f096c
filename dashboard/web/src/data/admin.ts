import { type Answer, fetchJson } from './fetch-json.ts';

/** The admin token lives as long as the tab; a strict Content-Security-Policy keeps other scripts away from it. */
const KEY = 'votewire.admin';

export function adminToken(): string | undefined {
  return sessionStorage.getItem(KEY) ?? undefined;
}

export function setAdminToken(token: string | undefined): void {
  if (token === undefined) sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, token);
  dispatchEvent(new Event('votewire-admin'));
}

/** Asks for a change with the admin token. A token that is refused is forgotten. */
export async function adminFetch<T>(
  method: 'GET' | 'POST' | 'PATCH',
  path: string,
  body?: unknown,
): Promise<Answer<T>> {
  const token = adminToken();
  const headers: Record<string, string> = {};
  if (token !== undefined) headers.authorization = `Bearer ${token}`;
  if (body !== undefined) headers['content-type'] = 'application/json';
  const answer = await fetchJson<T>(path, {
    method,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!answer.ok && answer.problem.status === 401) setAdminToken(undefined);
  return answer;
}
