import type { ProblemView } from '../../../api/problem.ts';

export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: ProblemView };

/** A server that answers at all does so within two seconds; from then on a proxy or a network is in the way. */
const GIVE_UP_MS = 10_000;

/** Asks the dashboard's own API. What goes wrong, also on the way, comes back as a problem; it never rejects. */
export async function fetchJson<T>(path: string, init: Omit<RequestInit, 'signal'> = {}): Promise<Answer<T>> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), GIVE_UP_MS);
  try {
    const response = await fetch(path, { ...init, signal: late.signal });
    if (response.ok) return { ok: true, value: (response.status === 204 ? undefined : await response.json()) as T };
    return { ok: false, problem: await readProblem(response) };
  } catch {
    return { ok: false, problem: late.signal.aborted ? noAnswer() : unreachable() };
  } finally {
    clearTimeout(timer);
  }
}

async function readProblem(response: Response): Promise<ProblemView> {
  if (response.headers.get('content-type')?.startsWith('application/problem+json')) {
    return (await response.json()) as ProblemView;
  }
  const title = `The server answered ${response.status}`;
  return { type: 'about:blank', title, status: response.status, code: 'internal', detail: `${title}.` };
}

function unreachable(): ProblemView {
  const detail = 'The dashboard’s server can’t be reached. It is tried again by itself.';
  return { type: 'about:blank', title: 'No connection', status: 0, code: 'unreachable', detail };
}

function noAnswer(): ProblemView {
  const detail = `The dashboard’s server did not answer within ${GIVE_UP_MS / 1000} s.`;
  return { type: 'about:blank', title: 'No answer', status: 0, code: 'no_answer', detail };
}
