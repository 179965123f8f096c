/** One viewer of a contest's results. */
export interface TotalsViewer extends AsyncDisposable {
  /** The latest total sent to the viewer. */
  readonly total: number;
  /** Resolves when the viewer has a total of at least `total`; rejects after `timeoutMs`. */
  reaches(total: number, timeoutMs: number): Promise<void>;
}

/** Opens a contest's event stream at the dashboard and follows its total. */
export async function watchTotals(dashboardUrl: string, contest: string): Promise<TotalsViewer> {
  const stop = new AbortController();
  const response = await fetch(`${dashboardUrl}/api/contests/${contest}/events`, { signal: stop.signal });
  const waiting = new Set<{ readonly total: number; readonly resolve: () => void }>();
  let total = 0;
  const reading = readEvents(response, (value) => {
    total = value;
    for (const waiter of waiting) if (value >= waiter.total) waiter.resolve();
  }).catch(() => undefined);
  return {
    get total() {
      return total;
    },
    async reaches(wanted, timeoutMs) {
      if (total >= wanted) return;
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const waiter = { total: wanted, resolve };
      const timer = setTimeout(
        () => reject(new Error(`the viewer saw ${total} of ${wanted} in ${timeoutMs} ms`)),
        timeoutMs,
      );
      waiting.add(waiter);
      try {
        await promise;
      } finally {
        clearTimeout(timer);
        waiting.delete(waiter);
      }
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await reading;
    },
  };
}

async function readEvents({ body }: Response, onTotal: (total: number) => void): Promise<void> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    const events = text.split('\n\n');
    text = events.pop() ?? '';
    for (const event of events) {
      if (!/^event: results$/m.test(event)) continue;
      const data = /^data: (.*)$/m.exec(event)?.[1];
      if (data !== undefined) onTotal(Number((JSON.parse(data) as { total?: number }).total));
    }
  }
}
