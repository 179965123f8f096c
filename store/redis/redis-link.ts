import { createClient, createCluster, RESP_TYPES } from 'redis';

/** One node-redis client, of one server or of a cluster. */
export interface RedisLink {
  /** True while commands can be sent. */
  readonly ready: boolean;
  send(key: string | undefined, args: RedisArgument[], replies: Replies): Promise<unknown>;
  /** Asks every server that this link talks to for a sign of life. */
  ping(): Promise<void>;
  subscribe(channels: string[], listener: (message: string, channel: string) => void): Promise<void>;
  /** Resolves once connected. */
  connect(): Promise<void>;
  /** Lets what was sent finish, then closes. */
  close(): Promise<void>;
  /** Drops the connections; what was sent rejects. */
  destroy(): void;
}

export type RedisArgument = string | Buffer;

/** How bulk strings come back. Maps come back as flat arrays either way. */
export type Replies = 'text' | 'bytes';

export interface LinkOptions {
  readonly urls: readonly string[];
  /** Shown by CLIENT LIST. */
  readonly name: string;
  /** How many commands may wait or be in flight; one more is refused. */
  readonly maxQueue: number;
  readonly onError: (error: Error) => void;
}

// Entries hold protobuf: read as text they come back damaged.
const replyTypes = {
  text: { [RESP_TYPES.MAP]: Array },
  bytes: { [RESP_TYPES.MAP]: Array, [RESP_TYPES.BLOB_STRING]: Buffer },
} as const;

// node-redis makes an AbortSignal per command for its default timeout: half the throughput, and a command that was sent
// already is not covered by it. The watchdog of redis.ts takes its place.
const commandOptions = { timeout: 0 };

// A strategy that gave up would close the client for good.
const reconnectStrategy = (retries: number) => Math.min(50 * 2 ** Math.min(retries, 4), 500) + Math.random() * 50;

const socket = { connectTimeout: 2000, reconnectStrategy, keepAliveInitialDelay: 5000 };

const SILENT_MS = 4000;

/** Several addresses mean Redis Cluster. */
export function openRedisLink(options: LinkOptions): RedisLink {
  return options.urls.length > 1 ? openClusterLink(options) : openServerLink(options);
}

function openServerLink({ urls, name, maxQueue, onError }: LinkOptions): RedisLink {
  const client = createClient({
    url: urls[0] ?? '',
    name,
    RESP: 3,
    maintNotifications: 'disabled',
    // With the offline queue, a command that was refused to the caller could still run seconds later.
    disableOfflineQueue: true,
    commandsQueueMaxLength: maxQueue,
    commandOptions,
    socket,
  });
  client.on('error', onError);
  // Asked for with each vote, and the client's own answer goes through four getters.
  let ready = false;
  const look = () => {
    ready = client.isReady;
  };
  for (const event of ['ready', 'reconnecting', 'error', 'end']) client.on(event, look);
  // Destroyed while it dials, the client would go on to greet the server, and stay connected.
  let destroyed = false;
  client.on('connect', () => destroyed && client.destroy());
  const typed = { text: { typeMapping: replyTypes.text }, bytes: { typeMapping: replyTypes.bytes } };
  return {
    get ready() {
      return ready;
    },
    send: (_key, args, replies) => client.sendCommand(args, typed[replies]),
    ping: async () => {
      await client.sendCommand(['PING']);
    },
    subscribe: (channels, listener) => client.subscribe(channels, listener),
    connect: async () => {
      await client.connect();
    },
    close: () => client.close(),
    destroy: () => {
      destroyed = true;
      client.destroy();
    },
  };
}

function openClusterLink({ urls, name, maxQueue, onError }: LinkOptions): RedisLink {
  const first = new URL(urls[0] ?? '');
  const cluster = createCluster({
    // A discovery asks over a connection that is nobody's: from a server that takes it and says nothing it must end.
    rootNodes: urls.map((url) => ({ url, socket: { socketTimeout: SILENT_MS } })),
    defaults: {
      name,
      maintNotifications: 'disabled',
      disableOfflineQueue: true,
      commandsQueueMaxLength: maxQueue,
      socket: first.protocol === 'rediss:' ? { ...socket, tls: true } : socket,
      ...(first.username && { username: decodeURIComponent(first.username) }),
      ...(first.password && { password: decodeURIComponent(first.password) }),
    },
    RESP: 3,
    // Counts at this level only; inside `defaults` it is ignored.
    commandOptions,
    topologyRefreshOnReconnectionAttemptStrategy: 500,
  });
  let destroyed = false;
  cluster.on('error', (error) => destroyed || onError(error));
  const typed = { text: { typeMapping: replyTypes.text }, bytes: { typeMapping: replyTypes.bytes } };
  let connected = false;
  /** Those that the cluster has ever had: once it is to close, it knows them no more. */
  const clients = new Set<Destroyable>();
  const gather = () => {
    for (const { client } of cluster.nodeByAddress.values()) if (client) clients.add(client);
    if (cluster.pubSubNode) clients.add(cluster.pubSubNode.client);
  };
  const destroy = () => {
    gather();
    cluster.destroy();
    for (const client of clients) {
      // As above: while it dials.
      client.once('connect', () => client.destroy());
      client.destroy();
    }
    clients.clear();
  };
  // A discovery that was under way goes on, and makes clients anew.
  cluster.on('node-connect', () => destroyed && destroy());
  return {
    get ready() {
      return connected && cluster.isOpen;
    },
    send: (key, args, replies) => cluster.sendCommand(key, false, args, typed[replies]),
    ping: async () => {
      await Promise.all(
        cluster.masters.map(async (master) => (await cluster.nodeClient(master)).sendCommand(['PING'])),
      );
    },
    subscribe: (channels, listener) => cluster.subscribe(channels, listener),
    connect: async () => {
      await cluster.connect();
      connected = !destroyed;
    },
    close: async () => {
      gather();
      await cluster.close();
    },
    destroy: () => {
      connected = false;
      destroyed = true;
      destroy();
    },
  };
}

/** What a client of one server and all that a cluster has of it have in common. */
interface Destroyable {
  once(event: 'connect', listener: () => void): unknown;
  destroy(): void;
}
