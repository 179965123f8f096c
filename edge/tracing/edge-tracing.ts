import { TRACEPARENT } from '../../telemetry/traceparent.ts';
import type { SpanAttributes, Tracing } from '../../telemetry/tracing.ts';
import type { RequestView } from '../admission/views/request-view.ts';
import type { EntryBuffer } from '../write/entry/entry-buffer.ts';
import { RequestTrace } from './request-trace.ts';

/**
 * The traces of an edge's requests. Only the classes and decorators in this folder use it. They replace the plain ones
 * if tracing is on, so that without tracing the code for a vote has no extra branch.
 */
export class EdgeTracing implements AsyncDisposable {
  readonly tracing: Tracing;
  #active: RequestTrace | undefined;
  readonly #requests = new WeakMap<EntryBuffer, RequestTrace[]>();

  constructor(tracing: Tracing) {
    this.tracing = tracing;
  }

  /** Undefined if the request is not sampled. */
  start(name: string, request: RequestView, attributes: SpanAttributes): RequestTrace | undefined {
    const span = this.tracing.startRequest(name, request.header(TRACEPARENT), attributes);
    return span && new RequestTrace(span);
  }

  /** Notes that a vote of the request that is being submitted goes into the entry. */
  noteVote(entry: EntryBuffer): void {
    const request = this.#active;
    if (request === undefined) return;
    request.votes++;
    const requests = this.#requests.get(entry);
    if (requests === undefined) this.#requests.set(entry, [request]);
    // The votes of a request come one after the other.
    else if (requests.at(-1) !== request) requests.push(request);
  }

  /** Traced requests with votes in the entry, in order; undefined if there are none. */
  requestsOf(entry: EntryBuffer): readonly RequestTrace[] | undefined {
    return this.#requests.get(entry);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.tracing[Symbol.asyncDispose]();
  }

  /** Runs `action`; votes that it submits before it returns belong to the request. */
  run<T>(request: RequestTrace, action: () => T): T {
    const before = this.#active;
    this.#active = request;
    try {
      return action();
    } finally {
      this.#active = before;
    }
  }
}
