import { removeHeartbeat, writeHeartbeat } from '../store/monitoring/heartbeats.ts';
import { addIntake, type Intake } from '../store/monitoring/ledger.ts';
import type { Redis } from '../store/redis/redis.ts';
import type { EdgeCounters } from './vote/counters.ts';

export interface EdgeReportOptions {
  readonly redis: Redis;
  /** The edge's name. */
  readonly name: string;
  readonly counters: EdgeCounters;
  readonly details: () => Record<string, number | string | boolean>;
  /** How often. Default 1,000. */
  readonly intervalMs?: number;
}

/** Tells the others that this edge lives, and adds what it took in to the ledger; the rest of it at disposal. */
export function startEdgeReport(options: EdgeReportOptions): AsyncDisposable {
  const { redis, name, counters, details, intervalMs = 1000 } = options;
  const startedAt = Date.now();
  let reported: Intake = { offered: 0, accepted: 0, refused: 0, unknown: 0 };
  let reporting: Promise<void> = Promise.resolve();

  const report = async () => {
    const totals = counters.totals();
    const before = reported;
    // Counted as told from here on: a repeat after a lost reply would count twice.
    reported = totals;
    await addIntake(redis, {
      offered: totals.offered - before.offered,
      accepted: totals.accepted - before.accepted,
      refused: totals.refused - before.refused,
      unknown: totals.unknown - before.unknown,
    });
    await writeHeartbeat(redis, { role: 'edge', name, startedAt, details: { ...totals, ...details() } });
  };
  const tick = () => {
    if (redis.ready) reporting = reporting.then(report).catch(tellNobody);
  };
  tick();
  const timer = setInterval(tick, intervalMs);
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      tick();
      await reporting;
      if (redis.ready) await removeHeartbeat(redis, { role: 'edge', name }).catch(tellNobody);
    },
  };
}

function tellNobody(): void {
  // Redis is away, as its connection reports; nobody could read a heartbeat either.
}
