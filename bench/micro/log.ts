import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { LogEntry } from '../../store/log/log-store.ts';
import { openLogStore } from '../../store/log/open-log-store.ts';
import { testEntry } from '../../store/log/testing/test-entries.ts';
import { startMongoServer } from '../../supervisor/build/mongo-server.ts';
import { median } from '../statistics/median.ts';

const USAGE = `npm run bench:log   the cost of logging a vote in each log store, and in SQLite with one row per vote for comparison

Each variant runs in a fresh process, in reversed order every other round; medians of the rounds.`;

const VARIANTS: Readonly<Record<string, (dir: string, mongodbUrl: string) => Promise<Cost>>> = {
  'SQLite, 500 votes an entry': (dir) => measureStore({ mongodbUrl: undefined, dataDir: dir, votes: 500 }),
  'SQLite, 16 votes an entry': (dir) => measureStore({ mongodbUrl: undefined, dataDir: dir, votes: 16 }),
  'SQLite, 1 vote an entry': (dir) => measureStore({ mongodbUrl: undefined, dataDir: dir, votes: 1 }),
  'a row a vote, 500 votes a write': async (dir) => measureRows(dir),
  'MongoDB, 500 votes an entry': (dir, mongodbUrl) => measureStore({ mongodbUrl, dataDir: dir, votes: 500 }),
};
const ROUNDS = 3;
const MEASURE_MS = 1200;
/** Votes of one append, as a log worker reads them at once. */
const AT_ONCE = 10_000;
/** Appends whose voters differ; the one after them begins with the first voters again. */
const APPENDS = 5;

interface Cost {
  readonly votesPerSecond: number;
  /** Of this process and its threads; a MongoDB server's own is not in it. */
  readonly cpuSecondsPerMillion: number;
}

const [variant, dir, mongodbUrl] = process.argv.slice(2);
if (process.argv.includes('--help')) console.log(USAGE);
else if (variant === undefined) await runAll();
else console.log(JSON.stringify(await VARIANTS[variant]?.(dir ?? '', mongodbUrl ?? '')));

async function runAll(): Promise<void> {
  const mongo = await startMongoServer();
  const costs = new Map<string, Cost[]>();
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const names = Object.keys(VARIANTS).filter((name) => mongo.server !== undefined || !name.startsWith('MongoDB'));
      for (const name of round % 2 === 0 ? names : names.reverse()) {
        costs.set(name, [
          ...(costs.get(name) ?? []),
          runOne(name, mongo.server && `${mongo.server.url}/bench-log-${round}`),
        ]);
      }
    }
  } finally {
    await mongo.server?.[Symbol.asyncDispose]();
  }
  console.log(`${''.padEnd(34)}     votes/s   CPU-s per million`);
  for (const [name, rounds] of costs) {
    const votes = Math.round(median(rounds.map((cost) => cost.votesPerSecond)));
    const cpu = median(rounds.map((cost) => cost.cpuSecondsPerMillion)).toFixed(2);
    console.log(`${name.padEnd(34)}${String(votes).padStart(12)}${cpu.padStart(20)}`);
  }
  if (mongo.server === undefined) console.log(`MongoDB was not measured: ${mongo.reason}`);
  else console.log(`MongoDB is ${mongo.server.kind} here.`);
}

function runOne(name: string, url: string | undefined): Cost {
  const folder = mkdtempSync(join(tmpdir(), 'votewire-bench-log-'));
  try {
    const run = spawnSync(process.execPath, [import.meta.filename, name, folder, url ?? ''], { encoding: 'utf8' });
    if (run.status !== 0) throw new Error(`${name} failed:\n${run.stderr}`);
    return JSON.parse(run.stdout.trim().split('\n').at(-1) ?? '');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureStore(options: {
  mongodbUrl: string | undefined;
  dataDir: string;
  votes: number;
}): Promise<Cost> {
  await using log = await openLogStore({ ...options, logTtlDays: 0 });
  const prepared = Array.from({ length: APPENDS }, () => prepareEntries(options.votes));
  let n = 0;
  let appends = 0;
  const append = async () => {
    // New ids on votes that were made before: what makes them is not what is measured.
    const entries = (prepared[appends++ % APPENDS] ?? []).map((entry) => ({
      ...entry,
      entryId: `${1_700_000_000_000 + ++n}-0`,
      partition: n % 4,
    }));
    await log.append(entries);
    return AT_ONCE;
  };
  return await measure(append);
}

/** The plain design that the packed one is measured against: a row a vote, an index for each filter. */
function measureRows(dir: string): Promise<Cost> {
  const database = new DatabaseSync(join(dir, 'rows.db'));
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000;
    CREATE TABLE votes (entry TEXT, place INTEGER, contest TEXT, choice TEXT, voter BLOB, attributes TEXT, vote_id TEXT,
      sequence INTEGER, path TEXT, edge TEXT, received INTEGER, PRIMARY KEY (entry, place)) WITHOUT ROWID;
    CREATE INDEX by_choice ON votes (contest, choice, received);
    CREATE INDEX by_voter ON votes (voter, received);
    CREATE INDEX by_path ON votes (path, received);`);
  const insert = database.prepare('INSERT OR IGNORE INTO votes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const prepared = Array.from({ length: APPENDS }, () => prepareEntries(500));
  let n = 0;
  let appends = 0;
  return measure(async () => {
    database.exec('BEGIN IMMEDIATE');
    for (const { path, edge, receivedAt, votes } of prepared[appends++ % APPENDS] ?? []) {
      const entry = `p0:e1:${1_700_000_000_000 + ++n}-0`;
      for (const [place, vote] of votes.entries()) {
        const attributes = JSON.stringify(vote.attributes);
        const { contest, choice, voter, voteId, sequence } = vote;
        const row = [
          entry,
          place,
          contest,
          choice,
          voter,
          attributes,
          voteId,
          sequence,
          path,
          edge,
          receivedAt.getTime(),
        ];
        insert.run(...row);
      }
    }
    database.exec('COMMIT');
    return AT_ONCE;
  });
}

/** Two calls in flight, as a log worker that reads ahead; a first second is not counted. */
async function measure(append: () => Promise<number>): Promise<Cost> {
  let votes = 0;
  const runFor = async (ms: number) => {
    const end = performance.now() + ms;
    const lane = async () => {
      while (performance.now() < end) votes += await append();
    };
    await Promise.all([lane(), lane()]);
  };
  await runFor(MEASURE_MS / 3);
  votes = 0;
  const started = performance.now();
  const before = process.cpuUsage();
  await runFor(MEASURE_MS);
  const { user, system } = process.cpuUsage(before);
  return {
    votesPerSecond: votes / ((performance.now() - started) / 1000),
    cpuSecondsPerMillion: (user + system) / votes,
  };
}

/** Entries of cats-vs-dogs, each vote by another voter; AT_ONCE votes in all. */
function prepareEntries(votes: number): LogEntry[] {
  return Array.from({ length: AT_ONCE / votes }, (_, n) =>
    testEntry(n, {
      path: n % 2 === 0 ? 'http' : 'grpc',
      contentHash: randomBytes(32),
      votes: Array.from({ length: votes }, (_, i) => ({
        choice: i % 2 === 0 ? 'cats' : 'dogs',
        voter: new Uint8Array(randomBytes(16)),
        sequence: i,
      })),
    }),
  );
}
