import { EventStream, type LinkState } from './event-stream.ts';
import type { FromWorker, ToWorker } from './stream-worker.ts';
import { type Topic, topicEvents, topicKey, topicPath } from './topic.ts';

export interface FollowOptions {
  readonly onEvent: (name: string, data: unknown) => void;
  readonly onState: (state: LinkState) => void;
}

/**
 * Follows a topic while the page is visible: through a worker that all pages of the browser share, or through a
 * separate stream if the browser has no SharedWorker (Chrome on Android).
 */
export class FollowedTopic implements Disposable {
  readonly #options: FollowOptions;
  #topic: Topic;
  #own: EventStream | undefined;
  #isFollowing = false;

  constructor(topic: Topic, options: FollowOptions) {
    this.#topic = topic;
    this.#options = options;
    worker()?.port.addEventListener('message', this.#receive);
    document.addEventListener('visibilitychange', this.#update);
    for (const event of ['offline', 'online', 'pagehide', 'pageshow']) addEventListener(event, this.#update);
    this.#follow();
  }

  /** Changes the contests of a results topic. */
  change(topic: Topic): void {
    this.#topic = topic;
    if (this.#isFollowing) this.#follow();
  }

  [Symbol.dispose](): void {
    this.#leave();
    worker()?.port.removeEventListener('message', this.#receive);
    document.removeEventListener('visibilitychange', this.#update);
    for (const event of ['offline', 'online', 'pagehide', 'pageshow']) removeEventListener(event, this.#update);
  }

  readonly #update = (event: Event) => {
    const isShown = document.visibilityState === 'visible' && event.type !== 'pagehide';
    // The browser reports a lost network at once; detecting a dead connection by its silence takes longer.
    if (event.type === 'offline' || !isShown) {
      this.#leave();
      if (event.type === 'offline') this.#options.onState('reconnecting');
    } else if (!this.#isFollowing) {
      this.#options.onState('reconnecting');
      this.#follow();
    }
  };

  readonly #receive = ({ data }: MessageEvent<FromWorker>) => {
    if (!this.#isFollowing || data.key !== topicKey(this.#topic)) return;
    if (data.type === 'state') this.#options.onState(data.state);
    else {
      this.#options.onState('live');
      this.#options.onEvent(data.name, JSON.parse(data.data));
    }
  };

  #follow(): void {
    this.#isFollowing = true;
    if (worker() !== undefined) {
      send({ type: 'follow', topic: this.#topic });
      return;
    }
    this.#own?.[Symbol.dispose]();
    this.#own = new EventStream({
      path: topicPath([this.#topic]),
      names: topicEvents(this.#topic),
      onEvent: (name, data) => this.#options.onEvent(name, JSON.parse(data)),
      onState: this.#options.onState,
    });
  }

  #leave(): void {
    this.#isFollowing = false;
    this.#own?.[Symbol.dispose]();
    this.#own = undefined;
    if (worker() !== undefined) send({ type: 'leave', key: topicKey(this.#topic) });
  }
}

const ALIVE_MS = 10_000;
let shared: SharedWorker | undefined;

function worker(): SharedWorker | undefined {
  // In a frame of another site, a browser may silently not start the shared worker.
  if (shared !== undefined || typeof SharedWorker === 'undefined' || self !== top) return shared;
  shared = new SharedWorker(new URL('./stream-worker.ts', import.meta.url), { type: 'module', name: 'votewire' });
  shared.port.start();
  setInterval(() => send({ type: 'alive' }), ALIVE_MS);
  return shared;
}

function send(message: ToWorker): void {
  worker()?.port.postMessage(message);
}
