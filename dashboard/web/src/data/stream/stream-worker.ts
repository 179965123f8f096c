import { EventStream, type LinkState } from './event-stream.ts';
import { type Topic, topicEvents, topicKey, topicPath } from './topic.ts';

/** From a page to the worker. */
export type ToWorker =
  | { readonly type: 'follow'; readonly topic: Topic }
  | { readonly type: 'leave'; readonly key: string }
  | { readonly type: 'alive' };

/** From the worker to a page. `data` is JSON. */
export type FromWorker =
  | { readonly type: 'event'; readonly key: string; readonly name: string; readonly data: string }
  | { readonly type: 'state'; readonly key: string; readonly state: LinkState };

/** A page that has sent no `alive` for this long has crashed. */
const GONE_MS = 40_000;

interface Shared {
  readonly followers: Map<MessagePort, Topic>;
  path: string;
  stream: EventStream | undefined;
}

const shared = new Map<string, Shared>();
const heardAt = new Map<MessagePort, number>();

/** One worker serves all pages of a browser, because browsers open at most six HTTP/1.1 connections to a server. */
(globalThis as unknown as { onconnect: (event: MessageEvent) => void }).onconnect = ({ ports }) => {
  const [port] = ports;
  if (port === undefined) return;
  heardAt.set(port, Date.now());
  port.onmessage = ({ data }: MessageEvent<ToWorker>) => {
    heardAt.set(port, Date.now());
    if (data.type === 'follow') follow(port, data.topic);
    else if (data.type === 'leave') leave(port, data.key);
  };
};

setInterval(() => {
  for (const [port, time] of heardAt) {
    if (Date.now() - time < GONE_MS) continue;
    heardAt.delete(port);
    for (const key of [...shared.keys()]) leave(port, key);
  }
}, 10_000);

function follow(port: MessagePort, topic: Topic): void {
  const key = topicKey(topic);
  const entry = shared.get(key) ?? { followers: new Map(), path: '', stream: undefined };
  shared.set(key, entry);
  const isNew = !entry.followers.has(port);
  entry.followers.set(port, topic);
  // A new follower needs the full state, which the server sends at the start of a stream.
  reopen(key, entry, isNew);
}

function leave(port: MessagePort, key: string): void {
  const entry = shared.get(key);
  if (entry === undefined || !entry.followers.delete(port)) return;
  if (entry.followers.size > 0) {
    reopen(key, entry, false);
    return;
  }
  entry.stream?.[Symbol.dispose]();
  shared.delete(key);
}

function reopen(key: string, entry: Shared, force: boolean): void {
  const topics = [...entry.followers.values()];
  const path = topicPath(topics);
  const [topic] = topics;
  if (topic === undefined || (path === entry.path && !force)) return;
  entry.stream?.[Symbol.dispose]();
  entry.path = path;
  const send = (message: FromWorker) => {
    for (const port of entry.followers.keys()) port.postMessage(message);
  };
  entry.stream = new EventStream({
    path,
    names: topicEvents(topic),
    onEvent: (name, data) => send({ type: 'event', key, name, data }),
    onState: (state) => send({ type: 'state', key, state }),
  });
}
