import type { GrpcStatus } from '../../edge/grpc/framing/status.ts';
import type { StreamReceiver, StreamResponder } from '../../edge/grpc/transport/method.ts';

/** Runs a stream as one asynchronous function over its messages. */
export function queuedStream(
  call: StreamResponder,
  run: (call: StreamResponder, messages: AsyncIterable<Buffer>) => Promise<void>,
): StreamReceiver {
  const queue: Buffer[] = [];
  let ended = false;
  let wake: (() => void) | undefined;
  const end = () => {
    ended = true;
    wake?.();
  };
  async function* messages() {
    while (true) {
      const next = queue.shift();
      if (next !== undefined) yield next;
      else if (ended) return;
      else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  }
  run(call, messages()).catch((error: unknown) => console.error(error));
  return {
    message(message) {
      queue.push(message);
      wake?.();
    },
    flush: () => undefined,
    end,
    drain: () => undefined,
    cancel: end,
    stop: end,
    refuse: (status: GrpcStatus) => call.fail(status),
  };
}
