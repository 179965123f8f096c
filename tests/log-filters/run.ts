import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogEntry, LogQuery, LogStore, Transport } from '../../store/log/log-store.ts';
import { openLogStore } from '../../store/log/open-log-store.ts';
import { printHelp } from '../../tools/print-help.ts';

printHelp(`npm run test:log-filters   measures the first page for every combination of filters, on a SQLite log

  LOG_FILTER_VOTES=N   votes in the log; default 2000000

Exit codes: 0 done, 1 the 95th percentile of a combination exceeds 50 ms.`);

const VOTES = Number(process.env.LOG_FILTER_VOTES ?? 2_000_000);
const VOTERS = 200_000;
const MAX_P95_MS = 50;
const QUERIES = 40;
const PAGE = 20;
const ENTRIES_PER_APPEND = 500;
const START = Date.parse('2026-01-01T00:00:00Z');
/** The votes are spread over this time. */
const SPAN_MS = 86_400_000;
/** Share of the last contest and the last transport: few matches in many rows are the hard case. */
const RARE = 1 / 10_000;
const CONTESTS = [...Array.from({ length: 9 }, (_, n) => `contest-${n}`), 'rare'];
const CHOICES = Array.from({ length: 8 }, (_, n) => `choice-${n}`);
const TRANSPORTS: readonly Transport[] = ['http', 'grpc', 'connect'];
const voters = Array.from({ length: VOTERS }, () => new Uint8Array(randomBytes(16)));

function pick<T>(values: readonly T[]): T {
  return values[Math.floor(Math.random() * values.length)] as T;
}

/** Picks the last value rarely, and the others equally often. */
function mostly<T>(values: readonly T[]): T {
  return Math.random() < RARE ? (values.at(-1) as T) : pick(values.slice(0, -1));
}

function entryAt(vote: number, size: number): LogEntry {
  const time = START + Math.floor((vote / VOTES) * SPAN_MS);
  return {
    partition: vote % 4,
    epoch: 'e1',
    entryId: `${time}-${vote}`,
    path: mostly(TRANSPORTS),
    edge: 'edge-1',
    receivedAt: new Date(time),
    contentHash: randomBytes(32),
    votes: Array.from({ length: size }, () => ({
      contest: mostly(CONTESTS),
      choice: mostly(CHOICES),
      voter: pick(voters),
      attributes: {},
      voteId: '',
      sequence: 0,
    })),
  };
}

async function fill(log: LogStore): Promise<void> {
  for (let vote = 0; vote < VOTES; ) {
    const entries: LogEntry[] = [];
    while (entries.length < ENTRIES_PER_APPEND && vote < VOTES) {
      const size = Math.min(1 + Math.floor(Math.random() * 60), VOTES - vote);
      entries.push(entryAt(vote, size));
      vote += size;
    }
    await log.append(entries);
  }
}

const FILTERS: Readonly<Record<string, () => Partial<LogQuery>>> = {
  contest: () => ({ contest: pick(CONTESTS) }),
  choice: () => ({ choice: pick(CHOICES) }),
  voter: () => ({ voter: pick(voters) }),
  path: () => ({ path: pick(TRANSPORTS) }),
  since: () => ({ since: new Date(START + Math.random() * SPAN_MS) }),
  until: () => ({ until: new Date(START + Math.random() * SPAN_MS) }),
};

async function timesOf(log: LogStore, names: readonly string[]): Promise<number[]> {
  const times: number[] = [];
  for (let query = 0; query < QUERIES; query++) {
    const filters = Object.assign({}, ...names.map((name) => FILTERS[name]?.())) as Partial<LogQuery>;
    const began = performance.now();
    await log.page({ ...filters, limit: PAGE });
    times.push(performance.now() - began);
  }
  return times.sort((a, b) => a - b);
}

const dir = await mkdtemp(join(tmpdir(), 'votewire-filters-'));
try {
  await using log = await openLogStore({ mongodbUrl: undefined, dataDir: dir, logTtlDays: 0 });
  await fill(log);
  const names = Object.keys(FILTERS);
  console.log(`${VOTES.toLocaleString('en')} votes, ${QUERIES} queries each\n   p50 ms    p95 ms  filters`);
  for (let mask = 0; mask < 2 ** names.length; mask++) {
    const chosen = names.filter((_, bit) => (mask >> bit) & 1);
    const times = await timesOf(log, chosen);
    const [p50 = 0, p95 = 0] = [times[QUERIES / 2], times[Math.floor(QUERIES * 0.95) - 1]];
    const isSlow = p95 > MAX_P95_MS;
    if (isSlow) process.exitCode = 1;
    const figures = [p50, p95].map((ms) => ms.toFixed(2).padStart(9)).join(' ');
    console.log(`${figures}  ${chosen.join(' + ') || 'none'}${isSlow ? '  SLOW' : ''}`);
  }
} finally {
  await rm(dir, { recursive: true, force: true });
}
