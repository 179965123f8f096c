import { latestValue } from '../../grpc/results/latest-value.ts';
import type { ResultsFeed, ResultsOutcome } from '../../grpc/results/results-feed.ts';
import { liveFrame } from './live-frame.ts';

/** A viewer that takes no frame for this long is disconnected. */
const STALL_MS = 30_000;

export interface LiveStreamOptions {
  readonly feed: Pick<ResultsFeed, 'follow'>;
  readonly contest: string;
  /** Ends the stream. */
  readonly signal: AbortSignal;
  /** Called once, however the stream ends. */
  readonly onEnd: () => void;
  /** Called if the viewer does not read. */
  readonly cut: () => void;
  readonly stallMs?: number;
}

/** The counts of a contest as server-sent events. A slow viewer gets only the latest counts. */
export function liveStream(options: LiveStreamOptions): ReadableStream<Uint8Array> {
  const { feed, contest, onEnd, cut, stallMs = STALL_MS } = options;
  const left = new AbortController();
  const signal = AbortSignal.any([options.signal, left.signal]);
  const outcomes = latestValue<ResultsOutcome>(signal, (show) => feed.follow(contest, signal, show));
  let stalled: NodeJS.Timeout | undefined;
  let isOpen = true;
  const end = () => {
    clearTimeout(stalled);
    if (!isOpen) return;
    isOpen = false;
    left.abort();
    onEnd();
  };
  // Also runs if the body is never read because the client left first.
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        clearTimeout(stalled);
        const { done, value } = await outcomes.next();
        if (done) {
          controller.close();
          return;
        }
        stalled = setTimeout(() => {
          end();
          cut();
        }, stallMs);
        controller.enqueue(liveFrame(value));
      },
      cancel: end,
    },
    { highWaterMark: 0 },
  );
}
