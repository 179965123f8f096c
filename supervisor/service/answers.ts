import { PATH_NAMES, type VotePathName } from '../screen/status.ts';

const TIMEOUT_MS = 1000;

/** True if a GET of the URL returns 2xx within a second. */
export async function answersOk(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  await response.body?.cancel();
  return response.ok;
}

/** Votes that the edge has accepted per transport, from its metrics; undefined if it does not answer. */
export async function readAcceptedVotes(edgeUrl: string): Promise<Record<VotePathName, number> | undefined> {
  try {
    const response = await fetch(`${edgeUrl}/metrics`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    const text = await response.text();
    const [http, grpc, connect] = PATH_NAMES.map((path) => acceptedVotes(text, path));
    return { http: http ?? 0, grpc: grpc ?? 0, connect: connect ?? 0 };
  } catch {
    // The edge is down or restarting.
    return undefined;
  }
}

function acceptedVotes(metrics: string, path: VotePathName): number {
  const line = metrics
    .split('\n')
    .find((text) => text.startsWith('votewire_votes_accepted_total{') && text.includes(`path="${path}"`));
  return Number(line?.split(' ').at(-1) ?? 0);
}
