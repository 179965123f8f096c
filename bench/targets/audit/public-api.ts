import type { ContestOptions } from '../system.ts';

/**
 * A contest's rule and options, from `GET /v1/contests/:id`.
 *
 * @throws {Error} if the edge does not answer 200 with a contest
 */
export async function readContest(url: string, id: string): Promise<ContestOptions> {
  const response = await fetch(`${url}/v1/contests/${id}`);
  const contest = (await response.json()) as { rule?: string; options?: { id: string }[] };
  if (!response.ok || !contest.options) throw new Error(`GET ${url}/v1/contests/${id} answered ${response.status}`);
  return {
    rule: contest.rule === 'one-per-voter' ? 'one-per-voter' : 'open',
    options: contest.options.map((option) => option.id),
  };
}

/** 99th percentile of the event loop's delay in milliseconds, from `/metrics`; null if the server has no such metric. */
export async function readEventLoopDelay(url: string): Promise<number | null> {
  const text = await fetch(`${url}/metrics`).then(
    (response) => response.text(),
    () => '',
  );
  const seconds = /^votewire_event_loop_delay_p99_seconds(?:\{[^}]*\})? (\S+)/m.exec(text)?.[1];
  return seconds === undefined ? null : Number(seconds) * 1000;
}
