import type { ProblemView } from '../../../api/problem.ts';
import { type Answer, fetchJson } from './fetch-json.ts';

/** The admin token is kept until the tab is closed; the Content-Security-Policy blocks scripts that could read it. */
const KEY = 'votewire.admin';

export function adminToken(): string | undefined {
  return sessionStorage.getItem(KEY) ?? undefined;
}

/** Why the last token was dropped. */
let rejection: ProblemView | undefined;

export function adminRejection(): ProblemView | undefined {
  return rejection;
}

export function setAdminToken(token: string | undefined, reason?: ProblemView): void {
  rejection = reason;
  if (token === undefined) sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, token);
  dispatchEvent(new Event('votewire-admin'));
}

/** Keeps the token if the server accepts it; returns the server's problem otherwise. */
export async function checkAdminToken(token: string): Promise<ProblemView | undefined> {
  // A header allows no other characters.
  if (!/^[\x21-\x7e]+$/.test(token)) return notTheToken();
  const answer = await fetchJson('/api/admin', { headers: { authorization: `Bearer ${token}` } });
  if (!answer.ok) return answer.problem;
  setAdminToken(token);
  return undefined;
}

/** Sends a request with the admin token. A rejected token is dropped. */
export async function adminFetch<T>(
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  path: string,
  body?: unknown,
  more: Readonly<Record<string, string>> = {},
): Promise<Answer<T>> {
  const token = adminToken();
  const headers: Record<string, string> = { ...more };
  if (token !== undefined) headers.authorization = `Bearer ${token}`;
  if (body !== undefined) headers['content-type'] = 'application/json';
  const answer = await fetchJson<T>(path, {
    method,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!answer.ok && answer.problem.status === 401) setAdminToken(undefined, answer.problem);
  return answer;
}

function notTheToken(): ProblemView {
  const detail = 'The admin token is wrong';
  return { type: 'about:blank', title: 'Not authenticated', status: 401, code: 'unauthenticated', detail };
}
