import { readContest, readGauges } from './audit/public-api.ts';
import type { System } from './system.ts';

/** An edge that runs already, somewhere: nothing of it can be read but what its public APIs say. */
export function targetSystem(url: string): System {
  return {
    httpUrl: url,
    grpcUrl: url,
    watch: [],
    coldStartMs: null,
    acknowledgedBefore: 0,
    contest: (id) => readContest(url, id),
    audit: undefined,
    gauges: () => readGauges(url),
    [Symbol.asyncDispose]: async () => undefined,
  };
}
