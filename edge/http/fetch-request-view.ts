import type { RequestView } from '../admission/views/request-view.ts';
import type { EdgeBindings } from './edge-env.ts';

/** A Request of a `fetch` server, with the peer's address from the runtime. */
export class FetchRequestView implements RequestView {
  protected readonly request: Request;
  readonly #env: EdgeBindings;

  constructor(request: Request, env: EdgeBindings) {
    this.request = request;
    this.#env = env;
  }

  get peer(): string {
    return this.#env.address?.() ?? this.#env.incoming?.socket.remoteAddress ?? '';
  }

  header(name: string): string | undefined {
    // On Node the parsed headers already exist; a Headers object would have to be created from them.
    const parsed = this.#env.incoming?.headers;
    if (parsed !== undefined) return parsed[name] as string | undefined;
    const value = this.request.headers.get(name);
    // A request over HTTP/2 has no Host header; its authority is in the URL.
    if (value === null && name === 'host') return new URL(this.request.url).host;
    return value ?? undefined;
  }
}
