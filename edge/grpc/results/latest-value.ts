/**
 * Iterates over the values that `subscribe` delivers, until the signal aborts. Nothing is queued: a slow consumer gets
 * only the latest value.
 */
export async function* latestValue<T>(
  signal: AbortSignal,
  subscribe: (show: (value: T) => void) => void,
): AsyncGenerator<T, void, undefined> {
  // An aborted signal fires no event, so the subscription would never end.
  if (signal.aborted) return;
  let latest: { readonly value: T } | undefined;
  let notify: (() => void) | undefined;
  const onAbort = () => notify?.();
  signal.addEventListener('abort', onAbort);
  subscribe((value) => {
    latest = { value };
    notify?.();
  });
  try {
    while (!signal.aborted) {
      if (latest === undefined) {
        await new Promise<void>((resolve) => {
          notify = resolve;
        });
        continue;
      }
      const { value } = latest;
      latest = undefined;
      yield value;
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
