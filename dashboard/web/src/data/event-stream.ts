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
  /** Called with each event of these names and its parsed data. */
  readonly events: Readonly<Record<string, (data: never, id: string) => void>>;
  readonly onState: (state: LinkState) => void;
}

/** The server sends a `beat` every ten seconds; after this silence the connection is considered dead. */
const SILENCE_MS = 25_000;
const MAX_WAIT_MS = 10_000;
/** A hidden page keeps its stream this long. */
const HIDDEN_MS = 15_000;

/**
 * An EventSource that also reconnects after an error status, which ends a plain one, and after a connection died without
 * notice; the last event id resumes the stream.
 */
export class EventStream implements Disposable {
  readonly #options: EventStreamOptions;
  #source: EventSource | undefined;
  #state: LinkState = 'connecting';
  #failures = 0;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #hidden: ReturnType<typeof setTimeout> | undefined;

  constructor(options: EventStreamOptions) {
    this.#options = options;
    this.#open();
    document.addEventListener('visibilitychange', this.#followVisibility);
    addEventListener('offline', this.#goOffline);
    addEventListener('online', this.#followVisibility);
  }

  [Symbol.dispose](): void {
    document.removeEventListener('visibilitychange', this.#followVisibility);
    removeEventListener('offline', this.#goOffline);
    removeEventListener('online', this.#followVisibility);
    clearTimeout(this.#hidden);
    this.#close();
  }

  /** A browser has six connections to a server over HTTP/1.1: hidden tabs must not use them up. */
  readonly #followVisibility = () => {
    clearTimeout(this.#hidden);
    if (document.visibilityState === 'hidden') this.#hidden = setTimeout(() => this.#close(), HIDDEN_MS);
    else if (this.#source === undefined) {
      this.#become('reconnecting');
      this.#open();
    }
  };

  /** The browser reports it at once; the silence of a dead connection takes longer to notice. */
  readonly #goOffline = () => {
    this.#close();
    this.#become('reconnecting');
  };

  #close(): void {
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
    source.addEventListener('beat', () => this.#alive());
    for (const [name, listener] of Object.entries(this.#options.events)) {
      source.addEventListener(name, (event: MessageEvent<string>) => {
        this.#alive();
        listener(JSON.parse(event.data) as never, event.lastEventId);
      });
    }
  }

  #openLater(): void {
    this.#source?.close();
    clearTimeout(this.#silence);
    clearTimeout(this.#retry);
    this.#failures += 1;
    this.#retry = setTimeout(
      () => this.#open(),
      Math.min(500 * 2 ** this.#failures, MAX_WAIT_MS) * (0.7 + Math.random() * 0.6),
    );
  }

  #alive(): void {
    this.#failures = 0;
    this.#become('live');
    this.#watchSilence();
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
