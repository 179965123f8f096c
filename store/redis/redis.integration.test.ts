import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort, type RedisServer, startRedisServer } from '../../supervisor/redis/redis-server.ts';
import { waitFor } from '../../tests/support/wait-for.ts';
import { neverSent, openRedis } from './redis.ts';
import { parseText } from './replies.ts';
import { retryUntilDone } from './start/retry.ts';

const dir = mkdtempSync(join(tmpdir(), 'votewire-redis-'));
let server: RedisServer;
const quiet = () => undefined;

beforeAll(async () => {
  server = await startRedisServer({ dir });
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true });
});

test('returns bulk strings unchanged, as text or bytes', async () => {
  await using redis = openRedis({ urls: [server.url], name: 'a name, with blanks' });
  await redis.whenReady();
  const bytes = Buffer.from([0, 0xff, 0xc3, 0x28, 0x0d, 0x0a]);
  await redis.send('k', ['HSET', 'k', '__proto__', bytes]);
  expect(await redis.sendBytes('k', ['HGETALL', 'k'])).toStrictEqual([Buffer.from('__proto__'), bytes]);
  expect(await redis.send('k', ['HSTRLEN', 'k', '__proto__'])).toBe(bytes.length);
  await expect(redis.send('k', ['GET', 'k'])).rejects.toThrow(/WRONGTYPE/);
});

test('commands reject at once while Redis is unreachable, and none runs later', async () => {
  const port = await freePort();
  await using redis = openRedis({ urls: [`redis://127.0.0.1:${port}`], name: 'test', onError: quiet });
  const start = performance.now();
  const error = await redis.send('n', ['INCR', 'n']).catch((cause: unknown) => cause);
  expect(neverSent(error) && performance.now() - start < 200).toBeTruthy();
  await using late = await startRedisServer({ dir: join(dir, 'late'), port });
  await redis.whenReady(AbortSignal.timeout(5000));
  expect(await redis.send('n', ['INCR', 'n'])).toBe(1);
  const exited = once(late.process, 'exit');
  const inFlight = redis.send('n', ['BLPOP', 'nothing', '0']).catch((cause: unknown) => cause);
  late.process.kill('SIGKILL');
  await exited;
  expect(neverSent(await inFlight), 'a sent command may have run').toBeFalsy();
});

test('replaces a silent connection and restores its subscriptions', async () => {
  await using proxy = await startProxy(server.port);
  const errors: string[] = [];
  const onError = ({ message }: Error) => errors.push(message);
  await using redis = openRedis({ urls: [proxy.url], name: 'test', stallMs: 300, onError });
  await redis.whenReady();
  const heard: string[] = [];
  await redis.subscribe(['news'], (message) => heard.push(message));
  proxy.blackhole();
  const pending = redis.send('k', ['GET', 'k']).catch((cause: unknown) => cause);
  expect(neverSent(await pending)).toBeFalsy();
  proxy.heal();
  await redis.whenReady(AbortSignal.timeout(3000));
  await using sender = openRedis({ urls: [server.url], name: 'sender' });
  await sender.whenReady();
  const publish = async () => {
    await sender.send('news', ['PUBLISH', 'news', 'back']);
    return heard.length > 0;
  };
  await waitFor(publish, { what: 'the subscription is restored' });
  expect(heard[0]).toBe('back');
  expect(errors.some((message) => message.includes('did not answer for 300 ms'))).toBeTruthy();
});

test('replaces a connection to a peer that accepts but stays silent', async () => {
  await using proxy = await startProxy(server.port);
  await using redis = openRedis({ urls: [proxy.url], name: 'test', stallMs: 300, onError: quiet });
  await redis.whenReady();
  proxy.blackhole();
  const before = proxy.connections();
  // The link reconnects and hangs in the handshake.
  proxy.reset();
  await waitFor(() => proxy.connections() >= before + 3, { what: 'three more connection attempts' });
  proxy.heal();
  await redis.whenReady(AbortSignal.timeout(3000));
});

test('a subscription survives a connection lost before Redis confirmed it', async () => {
  await using proxy = await startProxy(server.port);
  const lost = Promise.withResolvers<void>();
  await using redis = openRedis({ urls: [proxy.url], name: 'test', onError: () => lost.resolve() });
  await redis.whenReady();
  // The connection is down when the subscription is requested, and lost again during the request.
  proxy.reset();
  await lost.promise;
  const heard: string[] = [];
  const subscribed = redis.subscribe(['gossip'], (message) => heard.push(message));
  await redis.whenReady();
  proxy.reset();
  await subscribed;
  await using sender = openRedis({ urls: [server.url], name: 'sender' });
  await sender.whenReady();
  let n = 0;
  const publish = async () => {
    await sender.send('gossip', ['PUBLISH', 'gossip', `${n++}`]);
    return heard.length > 0;
  };
  await waitFor(publish, { what: 'a message arrives' });
  expect(new Set(heard).size, 'no message arrives twice').toBe(heard.length);
});

test('a client closed while connecting leaves no connection behind', async () => {
  await using proxy = await startProxy(server.port);
  const redis = openRedis({ urls: [proxy.url], name: 'test', onError: quiet });
  await redis[Symbol.asyncDispose]();
  await waitFor(() => proxy.connections() > 0);
  await waitFor(() => proxy.open() === 0);
});

test('a cluster client closed while connecting leaves no connection behind', async () => {
  const args = ['--cluster-enabled', 'yes'];
  await using node = await startRedisServer({ dir: mkdtempSync(join(dir, 'cluster-')), args });
  await using direct = openRedis({ urls: [node.url], name: 'direct', onError: quiet });
  await direct.whenReady();
  await direct.send(undefined, ['CLUSTER', 'ADDSLOTSRANGE', '0', '16383']);
  // The client asks one node for all nodes and then connects to each: the close must work at any of these steps.
  for (const ms of [0, 1, 2, 4, 8, 12, 16, 24, 32]) {
    const redis = openRedis({ urls: [node.url, node.url], name: 'dialling', onError: quiet });
    await delay(ms);
    await redis[Symbol.asyncDispose]();
  }
  const left = async () => /name=dialling/.test(await direct.send(undefined, ['CLIENT', 'LIST'], parseText));
  await waitFor(async () => !(await left()), { what: 'every connection is closed' });
});

test('a closed client of a silent cluster does not keep the process alive', async () => {
  const script = `
    const { openRedis } = await import(${JSON.stringify(new URL('redis.ts', import.meta.url).href)});
    const redis = openRedis({ urls: [process.argv[1], process.argv[1]], name: 'test' });
    setTimeout(() => redis[Symbol.asyncDispose](), 300);`;
  await using mute = createServer((socket) => socket.on('error', quiet).resume());
  mute.listen(0, '127.0.0.1');
  await once(mute, 'listening');
  const url = `redis://127.0.0.1:${(mute.address() as AddressInfo).port}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, url], { stdio: 'ignore' });
  const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
  const [code] = await once(child, 'exit');
  clearTimeout(late);
  expect(code, 'the process had to be killed').toBe(0);
});

test('a command that blocks for less than the stall time is not interrupted', async () => {
  await using redis = openRedis({ urls: [server.url], name: 'test', stallMs: 800 });
  await redis.whenReady();
  for (let i = 0; i < 3; i++) expect(await redis.send('q', ['BLPOP', 'q', '0.5'])).toBe(null);
});

test('a suspended process does not mistake its own pause for silence of Redis', async () => {
  const errors: string[] = [];
  const onError = ({ message }: Error) => errors.push(message);
  await using redis = openRedis({ urls: [server.url], name: 'test', stallMs: 200, onError });
  await redis.whenReady();
  const id = await redis.send('c', ['CLIENT', 'ID']);
  // The pauses are so short that the watchdog pings and the process is suspended again before it can read the reply.
  for (let i = 0; i < 6; i++) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
    await delay(1);
  }
  expect(await redis.send('c', ['CLIENT', 'ID'])).toBe(id);
  expect(errors).toStrictEqual([]);
});

test('retries a start-up action until Redis is ready, but not after a permanent error', async () => {
  await using redis = openRedis({ urls: [server.url], name: 'test' });
  let tries = 0;
  const value = await retryUntilDone(redis, async () => {
    if (++tries < 3) throw new Error('LOADING Redis is loading the dataset in memory');
    return tries;
  });
  expect(value).toBe(3);
  const stop = new AbortController();
  const waiting = retryUntilDone(redis, () => Promise.reject(new Error('LOADING')), stop.signal);
  stop.abort(new Error('stopped'));
  await expect(waiting).rejects.toThrow();
});

/** A proxy that forwards bytes, except between `blackhole` and `heal`. */
async function startProxy(to: number) {
  const { connect } = await import('node:net');
  const sockets = new Set<Socket>();
  let silent = false;
  let connections = 0;
  const proxy = createServer((client) => {
    connections++;
    const upstream = connect(to, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', quiet).on('close', () => sockets.delete(socket));
    }
    client.on('data', (chunk) => silent || upstream.write(chunk));
    upstream.on('data', (chunk) => silent || client.write(chunk));
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return {
    url: `redis://127.0.0.1:${(proxy.address() as { port: number }).port}`,
    blackhole: () => {
      silent = true;
    },
    /** Number of connections accepted so far. */
    connections: () => connections,
    /** Number of open sockets on both sides. */
    open: () => sockets.size,
    reset: () => {
      for (const socket of sockets) socket.destroy();
    },
    heal: () => {
      silent = false;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      proxy.close();
      await once(proxy, 'close');
    },
  };
}
