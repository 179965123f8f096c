import { createClient, createCluster, RESP_TYPES } from 'redis';

/** One node-redis client, for a server or a cluster. */
export interface RedisLink {
  readonly cluster: boolean;
  /** True while commands can be sent. */
  readonly ready: boolean;
  /** Number of connections established to servers so far. */
  readonly connections: number;
  send(key: string | undefined, args: RedisArgument[], strings: ReplyStrings): Promise<unknown>;
  /** Pings every connected server; resolves when one has answered. */
  ping(): Promise<void>;
  subscribe(channels: string[], listener: (message: string, channel: string) => void): Promise<void>;
  /** Resolves once connected. */
  connect(): Promise<void>;
  /** Waits for the replies to sent commands, then closes. */
  close(): Promise<void>;
  /** Drops the connections; pending commands reject. */
  destroy(): void;
}

export type RedisArgument = string | Buffer;

/** How bulk strings are returned. Maps are flat arrays either way. */
export type ReplyStrings = 'text' | 'bytes';

export interface LinkOptions {
  readonly urls: readonly string[];
  readonly cluster: boolean;
  /** Shown by CLIENT LIST. */
  readonly name: string;
  /** Maximum number of queued and in-flight commands; one more is rejected. */
  readonly maxQueue: number;
  readonly onError: (error: Error) => void;
}

// Entries contain protobuf, which decoding as UTF-8 would corrupt.
const replyTypes = {
  text: { [RESP_TYPES.MAP]: Array },
  bytes: { [RESP_TYPES.MAP]: Array, [RESP_TYPES.BLOB_STRING]: Buffer },
} as const;

// The default timeout of node-redis creates an AbortSignal per command, which halves the throughput and does not apply
// to sent commands. The watchdog in redis.ts replaces it.
const commandOptions = { timeout: 0 };

// Never gives up: that would close the client permanently.
const reconnectStrategy = (retries: number) => Math.min(50 * 2 ** Math.min(retries, 4), 500) + Math.random() * 50;

const socket = { connectTimeout: 2000, reconnectStrategy, keepAliveInitialDelay: 5000 };

const SILENT_MS = 4000;

/**
 * Commands about one server. The client would send them to all masters and merge the replies, so one dead master would
 * block the partitions of all others.
 */
const OWNER_COMMANDS = new Set(['WAIT', 'WAITAOF', 'INFO', 'CONFIG', 'TIME']);

export function openRedisLink(options: LinkOptions): RedisLink {
  return options.cluster ? openClusterLink(options) : openServerLink(options);
}

function openServerLink({ urls, name, maxQueue, onError }: LinkOptions): RedisLink {
  const client = createClient({
    url: urls[0] ?? '',
    name,
    RESP: 3,
    maintNotifications: 'disabled',
    // With the offline queue, a command that was reported as failed could still run seconds later.
    disableOfflineQueue: true,
    commandsQueueMaxLength: maxQueue,
    commandOptions,
    socket,
  });
  client.on('error', onError);
  // Read for every vote; the client's `isReady` goes through four getters.
  let ready = false;
  const updateReady = () => {
    ready = client.isReady;
  };
  for (const event of ['ready', 'reconnecting', 'error', 'end']) client.on(event, updateReady);
  let connections = 0;
  client.on('ready', () => connections++);
  // A client that is destroyed while connecting completes the handshake and stays connected.
  let destroyed = false;
  client.on('connect', () => destroyed && client.destroy());
  const typed = { text: { typeMapping: replyTypes.text }, bytes: { typeMapping: replyTypes.bytes } };
  return {
    cluster: false,
    get ready() {
      return ready;
    },
    get connections() {
      return connections;
    },
    send: (_key, args, strings) => client.sendCommand(args, typed[strings]),
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
    // The watchdog does not cover discovery; this timeout closes a connection to a server that accepts but stays
    // silent.
    rootNodes: urls.map((url) => ({ url, socket: { socketTimeout: SILENT_MS } })),
    defaults: {
      name,
      maintNotifications: 'disabled',
      disableOfflineQueue: true,
      commandsQueueMaxLength: maxQueue,
      // Replaces only the connection to a silent node; the watchdog's pings keep idle connections alive.
      socket: { ...socket, socketTimeout: SILENT_MS, ...(first.protocol === 'rediss:' && { tls: true as const }) },
      ...(first.username && { username: decodeURIComponent(first.username) }),
      ...(first.password && { password: decodeURIComponent(first.password) }),
    },
    RESP: 3,
    // Takes effect only here; in `defaults` it is ignored.
    commandOptions,
    topologyRefreshOnReconnectionAttemptStrategy: 500,
  });
  let destroyed = false;
  cluster.on('error', (error) => destroyed || onError(error));
  const typed = { text: { typeMapping: replyTypes.text }, bytes: { typeMapping: replyTypes.bytes } };
  let connected = false;
  let connections = 0;
  cluster.on('node-ready', () => connections++);
  /** All clients of the cluster so far: a closing cluster no longer lists them. */
  const clients = new Set<Destroyable>();
  const collectClients = () => {
    for (const { client } of cluster.nodeByAddress.values()) if (client) clients.add(client);
    if (cluster.pubSubNode) clients.add(cluster.pubSubNode.client);
  };
  const destroy = () => {
    collectClients();
    cluster.destroy();
    for (const client of clients) {
      // As above, for a client that is destroyed while connecting.
      client.once('connect', () => client.destroy());
      client.destroy();
    }
    clients.clear();
  };
  // A discovery in progress continues after destroy() and creates clients.
  cluster.on('node-connect', () => destroyed && destroy());
  return {
    cluster: true,
    get ready() {
      return connected && cluster.isOpen;
    },
    get connections() {
      return connections;
    },
    send: async (key, args, strings) => {
      if (key === undefined || !OWNER_COMMANDS.has(String(args[0]))) {
        return await cluster.sendCommand(key, false, args, typed[strings]);
      }
      const owner = await cluster.getNodeClientForKey(key, false);
      return await owner.sendCommand(args, typed[strings]);
    },
    ping: async () => {
      // One silent master must not affect the connections to the others.
      await Promise.any(
        cluster.masters.map(async (master) => (await cluster.nodeClient(master)).sendCommand(['PING'])),
      );
    },
    subscribe: (channels, listener) => cluster.subscribe(channels, listener),
    connect: async () => {
      await cluster.connect();
      // While a cluster is being created, some slots have no server, and the client would never refresh them.
      if (!servesAllSlots(cluster.slots)) throw new Error('the Redis Cluster does not serve all hash slots yet');
      connected = !destroyed;
    },
    close: async () => {
      collectClients();
      await cluster.close();
    },
    destroy: () => {
      connected = false;
      destroyed = true;
      destroy();
    },
  };
}

const SLOTS = 16_384;

function servesAllSlots(slots: readonly unknown[]): boolean {
  for (let slot = 0; slot < SLOTS; slot++) if (slots[slot] === undefined) return false;
  return true;
}

/** The common interface of server clients and cluster clients. */
interface Destroyable {
  once(event: 'connect', listener: () => void): unknown;
  destroy(): void;
}
