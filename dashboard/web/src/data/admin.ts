import type { ProblemView } from '../../../api/problem.ts';
import { type Answer, fetchJson } from './fetch-json.ts';

/** The admin token lives as long as the tab; a strict Content-Security-Policy keeps other scripts away from it. */
const KEY = 'votewire.admin';

export function adminToken(): string | undefined {
  return sessionStorage.getItem(KEY) ?? undefined;
}

/** Why the token that was sent last was forgotten. */
let refusal: ProblemView | undefined;

export function adminRefusal(): ProblemView | undefined {
  return refusal;
}

export function setAdminToken(token: string | undefined, because?: ProblemView): void {
  refusal = because;
  if (token === undefined) sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, token);
  dispatchEvent(new Event('votewire-admin'));
}

/** Keeps the token if the server takes it; what the server says against it otherwise. */
export async function tryAdminToken(token: string): Promise<ProblemView | undefined> {
  // No header can carry it.
  if (!/^[\x21-\x7e]+$/.test(token)) return notTheToken();
  const answer = await fetchJson('/api/admin', { headers: { authorization: `Bearer ${token}` } });
  if (!answer.ok) return answer.problem;
  setAdminToken(token);
  return undefined;
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
  if (!answer.ok && answer.problem.status === 401) setAdminToken(undefined, answer.problem);
  return answer;
}

function notTheToken(): ProblemView {
  const detail = 'This is not the admin token.';
  return { type: 'about:blank', title: 'Not authenticated', status: 401, code: 'unauthenticated', detail };
}
