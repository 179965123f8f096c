import type { ProblemView } from '../../../api.ts';

export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: ProblemView };

/** Asks the dashboard's own API. What goes wrong, also on the way, comes back as a problem. */
export async function fetchJson<T>(path: string, init: RequestInit = {}): Promise<Answer<T>> {
  try {
    const response = await fetch(path, init);
    if (response.ok) return { ok: true, value: (await response.json()) as T };
    return { ok: false, problem: await readProblem(response) };
  } catch (error) {
    if (init.signal?.aborted) throw error;
    return { ok: false, problem: unreachable() };
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
