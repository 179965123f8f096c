import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { openRedis } from '../../../store/redis/redis.ts';
import { streamKey } from '../../../store/streams/keys.ts';
import { waitFor } from '../../support/wait-for.ts';
import { loseUnsynced, notingSyncs, tearTail } from '../tools/append-only-file.ts';
import type { Verdict } from '../tools/cutting-proxy.ts';
import { silentViewers, slowClients } from '../tools/slow-clients.ts';
import { fillUp, inSmallFileSystem } from '../tools/small-file-system.ts';
import type { Member, System } from '../tools/system.ts';
import { acknowledges, type Fault, lasting } from './fault.ts';

/** How often the faults that need luck are repeated. */
const rounds = Number(process.env.FAULT_ROUNDS ?? 4);

const SHIFTED_CLOCK = 'const now = Date.now; Date.now = () => now() + 10_000;';

const BUSY_ON_SIGNAL = "process.on('SIGUSR2', () => { for (const end = Date.now() + 3000; Date.now() < end; ); });";
/** After the signal, the next vote in JSON ends in a trap, as `unreachable` would make one. */
const TRAP_ON_SIGNAL = `
  const { Instance } = WebAssembly;
  let armed = false;
  process.on('SIGUSR2', () => { armed = true; });
  WebAssembly.Instance = function (module, imports) {
    const { exports } = new Instance(module, imports);
    const encodeJson = (length) => {
      if (!armed) return exports.encodeJson(length);
      armed = false;
      throw new WebAssembly.RuntimeError('unreachable');
    };
    return { exports: 'encodeJson' in exports ? { ...exports, encodeJson } : exports };
  };
`;
/** NODE_OPTIONS that run a line before the program: what a test needs has no place in the product. */
const preload = (code: string) => `--import=data:text/javascript,${encodeURIComponent(code)}`;

const isTally = (chunk: Buffer) => chunk.includes('EVALSHA') && chunk.includes(':voters:');
const isLogAck = (chunk: Buffer) => chunk.includes('EVALSHA') && chunk.includes('\r\nlogged\r\n');
const isAppend = (chunk: Buffer) => chunk.includes('XADD');

/** The fault matrix, but for what needs a Redis Cluster or a MongoDB-wire server (see the files beside this one). */
export const faults: readonly Fault[] = [
  {
    id: 'F1',
    title: 'tally consumer killed between reading and counting',
    inflict: (system) => killAt(system, isTally),
  },
  {
    id: 'F2',
    title: 'the tally ran and its reply was lost',
    inflict: (system, load) => cutAnswers(system.consumers, isTally, rounds * 5, () => acknowledges(load, 20)),
  },
  {
    id: 'F3',
    title: 'log consumer killed between storing and acknowledging',
    inflict: (system) => killAt(system, isLogAck),
  },
  {
    id: 'F4',
    title: 'edge killed with votes in flight',
    load: { concurrency: 64 },
    async inflict(system, load) {
      for (let round = 0; round < rounds; round++) {
        await restart(system, system.edges, 'SIGKILL');
        await acknowledges(load, 100);
      }
    },
  },
  {
    id: 'F5',
    title: 'a write reached the stream, the edge never heard',
    inflict: (system, load) => cutAnswers(system.edges, isAppend, rounds * 5, () => acknowledges(load, 20)),
  },
  {
    id: 'F6',
    title: 'Redis frozen for 3 s',
    async inflict(system) {
      system.redis.process.kill('SIGSTOP');
      await lasting(3000);
      system.redis.process.kill('SIGCONT');
    },
  },
  {
    id: 'F7a',
    title: 'Redis killed, append-only file synced every second',
    inflict: (system) => system.crashRedis(500),
  },
  {
    id: 'F7b',
    title: 'Redis killed, append-only file synced always',
    system: { redisArgs: ['--appendfsync', 'always'] },
    inflict: (system) => system.crashRedis(500),
  },
  {
    id: 'F8',
    title: 'power lost: what was not synced to the disk is gone',
    system: { env: { DURABILITY: 'fsync' }, redisArgs: ['--appendfsync', 'always'], redisVia: notingSyncs },
    async inflict(system, load) {
      for (let round = 0; round < rounds; round++) {
        await system.crashRedis(200, loseUnsynced);
        await acknowledges(load, 100);
      }
    },
  },
  {
    id: 'F9',
    title: 'Redis killed, and the last command of its append-only file torn',
    async inflict(system) {
      const members = [...system.edges, ...system.consumers];
      for (const { process } of members) process.signal('SIGSTOP');
      await using redis = openRedis({ urls: system.redisUrls, name: 'tearer', onError: () => undefined });
      await redis.whenReady();
      // The command that is torn is this one: a vote that a torn tail takes along was never durable in this mode.
      await redis.send('torn', ['SET', 'torn', 'the last command']);
      await system.crashRedis(0, (dir) => tearTail(dir, 7));
      for (const { process } of members) process.signal('SIGCONT');
    },
  },
  {
    id: 'F10',
    title: 'the disk under the append-only file full for 3 s',
    system: { redisVia: (dir) => inSmallFileSystem(dir, '16m') },
    async inflict(system) {
      // Seen through the server's process: the file system is mounted in its own namespace alone.
      const filler = `/proc/${system.redis.process.pid}/root${system.dir}/redis/filler`;
      fillUp(filler);
      await lasting(3000);
      rmSync(filler);
    },
  },
  {
    id: 'F25',
    title: 'entries that no consumer can read',
    poison: 4,
    async inflict(system, load) {
      await using redis = openRedis({ urls: system.redisUrls, name: 'poisoner' });
      await redis.whenReady();
      const key = streamKey(0);
      const garbage = createHash('sha512').update('garbage').digest();
      await redis.send(key, ['XADD', key, '*', 'b', garbage]);
      await redis.send(key, ['XADD', key, '*', 'b', '']);
      await redis.send(key, ['XADD', key, '*', 'other', 'x']);
      await redis.send(key, ['XADD', key, '*', 'b', Buffer.from([0x22, 0x7f, 0x0a])]);
      await acknowledges(load, 300);
    },
  },
  {
    id: 'F26',
    title: 'consumer paused for three claim periods, then woken',
    inflict: (system, load) => pause(system.consumers, 3000, () => acknowledges(load, 100)),
  },
  {
    id: 'F27',
    title: "consumer's event loop blocked for three claim periods",
    system: { consumerEnv: { NODE_OPTIONS: preload(BUSY_ON_SIGNAL) } },
    async inflict(system, load) {
      for (const { process } of system.consumers) {
        await process.hasPrinted('ready');
        process.signal('SIGUSR2');
        await lasting(3000);
        await acknowledges(load, 100);
      }
    },
  },
  {
    id: 'F30',
    title: 'the link between edge and Redis dead for 5 s, without a reset',
    inflict: (system) => silence(system.edges, 5000),
  },
  {
    id: 'F30b',
    title: 'the link between consumers and Redis dead for 5 s, without a reset',
    inflict: (system) => silence(system.consumers, 5000),
  },
  {
    id: 'F31',
    title: 'edges stopped one by one by SIGTERM',
    system: { edges: 2 },
    async inflict(system, load) {
      for (let round = 0; round < 2; round++) {
        await restart(system, system.edges, 'SIGTERM');
        await acknowledges(load, 50);
      }
    },
  },
  {
    id: 'F32',
    title: 'consumers stopped one by one by SIGTERM',
    async inflict(system, load) {
      for (let round = 0; round < rounds; round++) {
        // A signal that comes before the process listens ends it as it would any: that is not what this is about.
        for (const { process } of system.consumers) await process.hasPrinted('ready');
        await restart(system, system.consumers, 'SIGTERM');
        await acknowledges(load, 50);
      }
    },
  },
  {
    id: 'F37',
    title: 'the WebAssembly codec traps, again and again',
    system: { firstEdgeEnv: { NODE_OPTIONS: preload(TRAP_ON_SIGNAL) } },
    async inflict(system, load) {
      for (let round = 0; round < rounds; round++) {
        system.edges[0]?.process.signal('SIGUSR2');
        await acknowledges(load, 100);
      }
      // An answer of 500 is one of those whose outcome its client does not know.
      const traps = load.attempts.filter(({ detail }) => detail?.startsWith('500')).length;
      if (traps === 0) throw new Error('the codec did not trap');
    },
  },
  {
    id: 'F29',
    title: "edges' clocks 10 s apart",
    system: {
      edges: 2,
      firstEdgeEnv: { NODE_OPTIONS: preload(SHIFTED_CLOCK) },
    },
    load: { voters: 20 },
    inflict: (_system, load) => acknowledges(load, 1000),
  },
  {
    id: 'F33',
    title: '200 clients that send a byte every 500 ms',
    async inflict(system, load) {
      await using _slow = await slowClients(system.edgeUrls[0] ?? '', 200);
      await lasting(8000);
      await acknowledges(load, 300);
    },
  },
  {
    id: 'F34',
    title: '20 viewers that never read',
    system: { dashboard: true },
    async inflict(system, load) {
      await using _viewers = await silentViewers(`${system.dashboardUrl}/api/contests/cats-vs-dogs/events`, 20);
      await acknowledges(load, 2000);
    },
  },
  {
    id: 'F35',
    title: 'four times the clients of the others for 10 s, with a small backlog allowed',
    system: { env: { MAX_BACKLOG: '2000' } },
    load: { concurrency: 256, voters: 2000 },
    inflict: () => lasting(10_000),
  },
];

/** Kills a consumer at the moment that it sends a certain command, which is not passed on, `rounds` times. */
async function killAt(system: System, command: (chunk: Buffer) => boolean): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const victim = system.consumers[round % system.consumers.length];
    if (victim?.link === undefined) throw new Error('this fault needs a consumer behind a proxy');
    const { link, process } = victim;
    link.judge = (chunk) => {
      if (!command(chunk)) return 'forward';
      process.signal('SIGKILL');
      return 'cut-before';
    };
    await waitFor(() => !process.running, { what: `${process.name} is killed at the command`, timeoutMs: 20_000 });
    link.judge = () => 'forward';
    process.start();
  }
}

/** Loses the answers to `count` commands, each after the server has carried it out. */
async function cutAnswers(
  members: readonly Member[],
  command: (chunk: Buffer) => boolean,
  count: number,
  between: () => Promise<void>,
): Promise<void> {
  const links = members.flatMap((member) => (member.link === undefined ? [] : [member.link]));
  for (let n = 0; n < count; n++) {
    let armed = true;
    const judge = (chunk: Buffer): Verdict => {
      if (!armed || !command(chunk)) return 'forward';
      armed = false;
      return 'cut-after';
    };
    for (const link of links) link.judge = judge;
    await waitFor(() => !armed, { what: 'a command is cut', timeoutMs: 20_000 });
    await between();
  }
  for (const link of links) link.judge = () => 'forward';
}

/** Ends each process and starts it again, one after the other. */
async function restart(system: System, members: readonly Member[], signal: NodeJS.Signals): Promise<void> {
  for (const { process } of members) {
    const code = await process.stop(signal);
    if (signal === 'SIGTERM' && code !== 0) throw new Error(`${process.name} left with ${code}:\n${process.output}`);
    process.start();
    await system.ready();
  }
}

async function pause(members: readonly Member[], ms: number, after: () => Promise<void>): Promise<void> {
  for (const { process } of members) {
    process.signal('SIGSTOP');
    await lasting(ms);
    process.signal('SIGCONT');
    await after();
  }
}

async function silence(members: readonly Member[], ms: number): Promise<void> {
  for (const { link } of members) if (link !== undefined) link.judge = () => 'swallow';
  await lasting(ms);
  // The old connections stay dead, as those behind a firewall that forgot them.
  for (const { link } of members) if (link !== undefined) link.judge = () => 'forward';
}
