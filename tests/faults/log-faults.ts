import { acknowledges, type Fault, lasting } from './fault.ts';

/** Faults of the MongoDB-wire server that holds the log. */
export const logFaults: readonly Fault[] = [
  {
    id: 'F20',
    title: 'MongoDB away for 60 s',
    system: { log: 'mongodb' },
    // nx-27017 inserts some 300 documents a second; a real MongoDB a hundred times as many.
    load: { perSecond: 60 },
    async inflict(system, load) {
      await system.crashMongo(60_000);
      await acknowledges(load, 100);
    },
  },
  {
    id: 'F21',
    title: 'MongoDB frozen for 8 s',
    system: { log: 'mongodb' },
    async inflict(system, load) {
      system.mongo.process?.kill('SIGSTOP');
      await lasting(8000);
      await acknowledges(load, 100);
      system.mongo.process?.kill('SIGCONT');
    },
  },
  {
    id: 'F22',
    title: 'MongoDB killed in the middle of writes',
    system: { log: 'mongodb' },
    async inflict(system, load) {
      for (let round = 0; round < 5; round++) {
        await system.crashMongo(0);
        await acknowledges(load, 300);
      }
    },
  },
];
