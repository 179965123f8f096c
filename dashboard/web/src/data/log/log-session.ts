import type { ProblemView } from '../../../../api/problem.ts';
import { adminToken } from '../admin.ts';
import { type Answer, fetchJson } from '../fetch-json.ts';

/**
 * Sends a token that may read the log. The server answers with a cookie, which downloads and event streams send too.
 * Returns the server's problem if the token is not accepted.
 */
export async function openLogSession(token: string): Promise<ProblemView | undefined> {
  // A header allows no other characters.
  if (!/^[\x21-\x7e]+$/.test(token)) return wrongToken();
  const answer = await fetchJson('/api/logs/session', {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
  });
  return answer.ok ? undefined : answer.problem;
}

/** Requests the log API. Reuses an admin token that was entered before. */
export async function fetchLog<T>(path: string): Promise<Answer<T>> {
  const answer = await fetchJson<T>(path);
  const token = adminToken();
  if (answer.ok || answer.problem.status !== 401 || token === undefined) return answer;
  return (await openLogSession(token)) === undefined ? fetchJson<T>(path) : answer;
}

function wrongToken(): ProblemView {
  return {
    type: 'about:blank',
    title: 'Not authenticated',
    status: 401,
    code: 'unauthenticated',
    detail: 'The token is wrong',
  };
}
