import { get, type IncomingMessage } from 'node:http';
import type { Results } from '../../store/tally/results.ts';

/** Follows one contest like a page, and records what it receives. */
export class Viewer implements Disposable {
  /** When each snapshot arrived, in milliseconds of `performance.now()`, and its total. */
  readonly snapshots: { readonly at: number; readonly total: number }[] = [];
  /** Number of snapshots whose version was not above the previous one. */
  wentBack = 0;
  /** True if the stream ended or failed before it was closed here. */
  broken = false;
  #version = -1;
  #text = '';
  #isClosed = false;
  readonly #abort = new AbortController();

  constructor(url: string) {
    const request = get(url, { agent: false, signal: this.#abort.signal });
    const fail = () => {
      this.broken ||= !this.#isClosed;
    };
    request.on('response', (response: IncomingMessage) => {
      if (response.statusCode !== 200) fail();
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => this.#read(chunk));
      response.on('error', fail);
      response.on('end', fail);
    });
    request.on('error', fail);
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#abort.abort();
  }

  #read(chunk: string): void {
    const blocks = (this.#text + chunk).split('\n\n');
    this.#text = blocks.pop() ?? '';
    for (const block of blocks) {
      if (!/^event: results$/m.test(block)) continue;
      const { version, total } = JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? '{}') as Results;
      if (version <= this.#version) this.wentBack += 1;
      this.#version = version;
      this.snapshots.push({ at: performance.now(), total });
    }
  }
}
