import type { ProblemView } from '../../../api/problem.ts';

export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: ProblemView };

/** The server answers within two seconds; a longer wait means a proxy or network problem. */
const TIMEOUT_MS = 10_000;

/** Requests the dashboard's API. Network failures are returned as problems too; it never rejects. */
export async function fetchJson<T>(path: string, init: Omit<RequestInit, 'signal'> = {}): Promise<Answer<T>> {
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), TIMEOUT_MS);
  try {
    const response = await fetch(path, { ...init, signal: timeout.signal });
    if (response.ok) return { ok: true, value: (response.status === 204 ? undefined : await response.json()) as T };
    return { ok: false, problem: await readProblem(response) };
  } catch {
    return { ok: false, problem: timeout.signal.aborted ? noAnswer() : unreachable() };
  } finally {
    clearTimeout(timer);
  }
}

async function readProblem(response: Response): Promise<ProblemView> {
  if (response.headers.get('content-type')?.startsWith('application/problem+json')) {
    return (await response.json()) as ProblemView;
  }
  const title = `The server answered ${response.status}`;
  return { type: 'about:blank', title, status: response.status, code: 'internal', detail: title };
}

function unreachable(): ProblemView {
  const detail = 'The dashboard server cannot be reached; retrying';
  return { type: 'about:blank', title: 'No connection', status: 0, code: 'unreachable', detail };
}

function noAnswer(): ProblemView {
  const detail = `The dashboard server did not answer within ${TIMEOUT_MS / 1000} s`;
  return { type: 'about:blank', title: 'No answer', status: 0, code: 'no_answer', detail };
}
