import { cutAnswers, isAppend } from '../../inject/at-command.ts';
import { lasting } from '../../inject/lasting.ts';
import { restart, silence } from '../../inject/members.ts';
import { SHIFTED_CLOCK, TRAP_ON_SIGNAL } from '../../inject/preload.ts';
import { silentViewers, slowClients } from '../../inject/slow-clients.ts';
import { acknowledges } from '../../load/acknowledges.ts';
import type { Fault } from '../../matrix/fault.ts';
import { rounds } from './rounds.ts';

/** Faults of edges and of their clients. */
export const edgeFaults: readonly Fault[] = [
  {
    id: 'F4',
    title: 'edge killed with votes in flight',
    load: { concurrency: 64 },
    async inflict({ system, load }) {
      for (let round = 0; round < rounds; round++) {
        await restart(system, system.edges, 'SIGKILL');
        await acknowledges(load, 100);
      }
    },
  },
  {
    id: 'F5',
    title: 'a write reached the stream and its reply was lost',
    inflict: ({ system, load }) =>
      cutAnswers(system.edges, isAppend, { count: rounds * 5, between: () => acknowledges(load, 20) }),
  },
  {
    id: 'F29',
    title: "edges' clocks 10 s apart",
    system: { edges: 2, firstEdgeEnv: SHIFTED_CLOCK },
    load: { voters: 20 },
    inflict: ({ load }) => acknowledges(load, 1000),
  },
  {
    id: 'F30',
    title: 'the link between edge and Redis dead for 5 s, without a reset',
    inflict: ({ system }) => silence(system.edges, 5000),
  },
  {
    id: 'F31',
    title: 'edges stopped one by one by SIGTERM',
    system: { edges: 2 },
    async inflict({ system, load }) {
      for (let round = 0; round < 2; round++) {
        await restart(system, system.edges, 'SIGTERM');
        await acknowledges(load, 50);
      }
    },
  },
  {
    id: 'F33',
    title: '200 clients that send a byte every 500 ms',
    async inflict({ system, load }) {
      await using _slow = await slowClients(system.edgeUrls[0] ?? '', 200);
      await lasting(8000);
      await acknowledges(load, 300);
    },
  },
  {
    id: 'F34',
    title: '20 viewers that never read',
    system: { dashboard: true },
    async inflict({ system, load }) {
      await using _viewers = await silentViewers(`${system.dashboardUrl}/api/contests/cats-vs-dogs/events`, 20);
      await acknowledges(load, 2000);
    },
  },
  {
    id: 'F35',
    title: '16 times the clients for 10 s, with a small MAX_BACKLOG',
    system: { env: { MAX_BACKLOG: '2000' } },
    load: { concurrency: 256, voters: 2000 },
    inflict: () => lasting(10_000),
  },
  {
    id: 'F37',
    title: 'the WebAssembly codec traps repeatedly',
    system: { firstEdgeEnv: TRAP_ON_SIGNAL },
    async inflict({ system, load }) {
      for (let round = 0; round < rounds; round++) {
        system.edges[0]?.process.signal('SIGUSR2');
        await acknowledges(load, 100);
      }
      // To a client, 500 is an unknown outcome.
      const traps = load.attempts.filter(({ detail }) => detail?.startsWith('500')).length;
      if (traps === 0) throw new Error('the codec did not trap');
    },
  },
];
