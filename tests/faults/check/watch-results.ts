import { setTimeout as delay } from 'node:timers/promises';
import type { Results } from '../../../store/tally/results.ts';

const CONTESTS = ['cats-vs-dogs', 'bandas'];
const POLL_MS = 100;
const TIMEOUT_MS = 1000;

/** A watch of the results that readers get. */
export interface ResultsWatch extends AsyncDisposable {
  /** How many results were read. */
  readonly reads: number;
  readonly violations: readonly string[];
}

/**
 * Reads the results of every edge, and the snapshots that a dashboard sends, until it is disposed. Each reader must see
 * versions and totals that never decrease, options that add up to the total, and the same counts at the same version.
 * Readers are not compared with each other: a version is a sum over partitions, which are not read at the same moment.
 */
export function watchResults(edgeUrls: readonly string[], dashboardUrl?: string): ResultsWatch {
  const stopping = new AbortController();
  const history = new ResultsHistory();
  const loops = CONTESTS.flatMap((contest) => [
    ...edgeUrls.map((url) => pollResults(`${url}/v1/contests/${contest}/results`, history, stopping.signal)),
    ...(dashboardUrl === undefined
      ? []
      : [readEvents(`${dashboardUrl}/api/contests/${contest}/events`, history, stopping.signal)]),
  ]);
  return {
    get reads() {
      return history.reads;
    },
    violations: history.violations,
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await Promise.all(loops);
    },
  };
}

/** Compares the results of each reader with its earlier ones. */
export class ResultsHistory {
  readonly violations: string[] = [];
  reads = 0;
  readonly #last = new Map<string, Results>();

  record(reader: string, results: Results): void {
    this.reads++;
    const { contest, version, total, voters, options } = results;
    const where = `I8: ${reader} at version ${version} of ${contest}`;
    const sum = options.reduce((all, { count }) => all + count, 0);
    if (sum !== total) this.violations.push(`${where}: the options add up to ${sum}, the total is ${total}`);
    if (voters !== total) this.violations.push(`${where}: ${voters} voters, the total is ${total}`);
    const last = this.#last.get(reader);
    if (last !== undefined) this.#compare(where, last, results);
    this.#last.set(reader, results);
  }

  #compare(where: string, last: Results, { version, total, options }: Results): void {
    if (version < last.version) this.violations.push(`${where}: the version was ${last.version} before`);
    if (total < last.total) this.violations.push(`${where}: the total is ${total}, it was ${last.total} before`);
    const isSame = options.every(({ count }, n) => count === last.options[n]?.count);
    if (version === last.version && !isSame) this.violations.push(`${where}: the counts changed without the version`);
  }
}

async function pollResults(url: string, history: ResultsHistory, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]) });
      const results = (await response.json()) as Results;
      if (response.ok) history.record(url, results);
    } catch {
      // The edge or its Redis is down, as expected during faults.
    }
    await delay(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function readEvents(url: string, history: ResultsHistory, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const response = await fetch(url, { signal });
      let text = '';
      for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
        text += chunk;
        const events = text.split('\n\n');
        text = events.pop() ?? '';
        for (const event of events) {
          const data = /^event: results\n(?:.*\n)*?data: (.*)$/m.exec(`${event}\n`)?.[1];
          if (data !== undefined) history.record(url, JSON.parse(data) as Results);
        }
      }
    } catch {
      // The dashboard is down; reconnects later.
    }
    await delay(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}
