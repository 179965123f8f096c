import { createClient } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { VoteService } from '../../proto/gen/votewire/v1/service_pb.ts';
import type { FrontProxy } from './proxy.ts';

const CONTEST = 'bandas';

/** The messages that a watch of a contest without votes received. */
export interface QuietWatch {
  /** Milliseconds between messages, from the start to the end of the watch. */
  readonly gapsMs: readonly number[];
  /** Why the watch ended early; undefined if it did not. */
  readonly broken: string | undefined;
}

/** Watches with WatchResults (gRPC) and the stream of the vote page (HTTP/1.1) through a proxy. */
export async function watchQuietly(
  proxy: FrontProxy,
  ms: number,
): Promise<Readonly<Record<'grpc' | 'live', QuietWatch>>> {
  const [grpc, live] = await Promise.all([
    record(ms, async (signal, received) => {
      const transport = createGrpcTransport({ baseUrl: proxy.grpcUrl });
      const client = createClient(VoteService, transport);
      for await (const _ of client.watchResults({ contest: CONTEST }, { signal })) received();
    }),
    record(ms, async (signal, received) => {
      const url = `${proxy.httpUrl}/v1/contests/${CONTEST}/live`;
      const answer = await fetch(url, { headers: { accept: 'text/event-stream' }, signal });
      if (!answer.ok || answer.body === null) throw new Error(`status ${answer.status}`);
      for await (const _ of answer.body) received();
    }),
  ]);
  return { grpc, live };
}

async function record(
  ms: number,
  watch: (signal: AbortSignal, received: () => void) => Promise<void>,
): Promise<QuietWatch> {
  const startedAt = performance.now();
  const times = [startedAt];
  const done = new AbortController();
  const timer = setTimeout(() => done.abort(), ms);
  let broken: string | undefined;
  try {
    await watch(done.signal, () => times.push(performance.now()));
    if (!done.signal.aborted) broken = 'The stream ended';
  } catch (error) {
    if (!done.signal.aborted) broken = String(error);
  }
  clearTimeout(timer);
  times.push(performance.now());
  if (broken !== undefined) broken += ` after ${Math.round(performance.now() - startedAt)} ms`;
  const gapsMs = times.slice(1).map((time, at) => time - (times[at] ?? startedAt));
  return { gapsMs, broken };
}
