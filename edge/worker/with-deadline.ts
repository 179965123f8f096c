/**
 * Resolves like `promise`, or to undefined after `ms`. On Workers, every request that waits for another one needs this.
 * Without the timer, which is I/O of its own, the platform considers the request hung and cancels it; and the other
 * request's work may be lost with its context.
 */
export async function withDeadline<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  try {
    return await Promise.race([promise, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
