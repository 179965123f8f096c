/**
 * An iterable over what `subscribe` shows, until the signal aborts. Who iterates slowly gets the newest one and not
 * those before it: nothing is queued.
 */
export async function* latestValue<T>(
  signal: AbortSignal,
  subscribe: (show: (value: T) => void) => void,
): AsyncGenerator<T, void, undefined> {
  // Whoever is gone already aborts no more, and what `subscribe` began would never end.
  if (signal.aborted) return;
  let latest: { readonly value: T } | undefined;
  let wake: (() => void) | undefined;
  const onAbort = () => wake?.();
  signal.addEventListener('abort', onAbort);
  subscribe((value) => {
    latest = { value };
    wake?.();
  });
  try {
    while (!signal.aborted) {
      if (latest === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
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
