import { join } from 'node:path';
import type { ExternalRun, ToolRun } from './external-run.ts';

const HEADERS = {
  http2: (batch: boolean) => [`content-type: ${batch ? 'application/x-ndjson' : 'application/json'}`],
  connect: () => ['content-type: application/proto', 'connect-protocol-version: 1'],
  grpc: () => ['content-type: application/grpc', 'te: trailers'],
} as const;

/** The command of one h2load run. */
export function h2loadCommand({ program, job, dir, seconds }: ToolRun): string[] {
  const batch = job.shape.kind === 'batch';
  const transport = job.transport === 'http1' ? 'http2' : job.transport;
  const path = transport === 'http2' ? '/v1/votes' : `/votewire.v1.VoteService/${batch ? 'CastVotes' : 'CastVote'}`;
  const headers = HEADERS[transport](batch).flatMap((header) => ['-H', header]);
  const streams = ['-c', `${job.connections}`, '-m', `${job.streams}`];
  return [program, ...streams, '-D', `${seconds}`, '-d', join(dir, 'body'), ...headers, `${job.url}${path}`];
}

/** @throws {Error} if the output has no totals */
export function readH2load(text: string): ExternalRun {
  const succeeded = /status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx/.exec(text)?.slice(1).map(Number);
  const traffic = /traffic: \S+ \((\d+)\) total/.exec(text)?.[1];
  const finished = /finished in ([\d.]+)(m?s)/.exec(text);
  const seconds = Number(finished?.[1]) / (finished?.[2] === 'ms' ? 1000 : 1);
  if (succeeded === undefined || !(seconds > 0)) throw new Error(`h2load printed no totals:\n${text}`);
  const [ok = 0, ...others] = succeeded;
  const failed = others.reduce((a, b) => a + b, 0);
  return { seconds, succeeded: ok, failed, bytesIn: Number(traffic) };
}
