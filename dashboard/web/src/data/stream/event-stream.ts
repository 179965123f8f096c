/** The state of an event stream. */
export type LinkState =
  /** Being opened for the first time. */
  | 'connecting'
  /** Events are arriving. */
  | 'live'
  /** It was live, or could not be opened, and is being opened again. */
  | 'reconnecting';

export interface EventStreamOptions {
  readonly path: string;
  /** Names of the events to listen to, besides `beat`. */
  readonly names: readonly string[];
  /** Called with the data of each event, as JSON. */
  readonly onEvent: (name: string, data: string) => void;
  readonly onState: (state: LinkState) => void;
}

/** The server sends a `beat` every ten seconds; after this silence the connection is considered dead. */
const SILENCE_MS = 25_000;
const MAX_WAIT_MS = 10_000;

/**
 * An EventSource that also reconnects after an error status, which ends a plain EventSource, and after a connection
 * died silently. The last event id resumes the stream. Runs in pages and in workers.
 */
export class EventStream implements Disposable {
  readonly #options: EventStreamOptions;
  #source: EventSource | undefined;
  #state: LinkState = 'connecting';
  #failures = 0;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(options: EventStreamOptions) {
    this.#options = options;
    this.#open();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#silence);
    clearTimeout(this.#retry);
    this.#source?.close();
    this.#source = undefined;
  }

  #open(): void {
    const source = new EventSource(this.#options.path);
    this.#source = source;
    this.#watchSilence();
    source.onerror = () => {
      this.#become('reconnecting');
      if (source.readyState === EventSource.CLOSED) this.#openLater();
    };
    for (const name of ['beat', ...this.#options.names]) {
      source.addEventListener(name, (event: MessageEvent<string>) => {
        this.#failures = 0;
        this.#become('live');
        this.#watchSilence();
        this.#options.onEvent(name, event.data);
      });
    }
  }

  #openLater(): void {
    this.#source?.close();
    clearTimeout(this.#silence);
    clearTimeout(this.#retry);
    this.#failures += 1;
    const wait = Math.min(500 * 2 ** this.#failures, MAX_WAIT_MS);
    this.#retry = setTimeout(() => this.#open(), wait * (0.7 + Math.random() * 0.6));
  }

  #watchSilence(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => {
      this.#become('reconnecting');
      this.#openLater();
    }, SILENCE_MS);
  }

  #become(state: LinkState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#options.onState(state);
  }
}
