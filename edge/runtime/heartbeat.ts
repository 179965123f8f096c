import { removeHeartbeat, writeHeartbeat } from '../../store/monitoring/heartbeats.ts';
import { addIntake, type Intake } from '../../store/monitoring/ledger.ts';
import type { Redis } from '../../store/redis/redis.ts';
import { COUNTED_TRANSPORTS, type EdgeCounters } from '../vote/counters.ts';

interface HeartbeatOptions {
  readonly redis: Redis;
  /** The edge's name. */
  readonly name: string;
  readonly counters: EdgeCounters;
  readonly details: () => Record<string, number | string | boolean>;
}

const INTERVAL_MS = 1000;

/** Votes acknowledged per transport: `acceptedHttp` and so on. */
function byTransport(counters: EdgeCounters): Record<string, number> {
  return Object.fromEntries(
    COUNTED_TRANSPORTS.map(({ transport, name }) => [
      `accepted${name.charAt(0).toUpperCase()}${name.slice(1)}`,
      counters.of(transport).accepted,
    ]),
  );
}

/** Writes this edge's heartbeat and adds its counters to the ledger, every second and at disposal. */
export function startHeartbeat(options: HeartbeatOptions): AsyncDisposable {
  const { redis, name, counters, details } = options;
  const startedAt = Date.now();
  let reported: Intake = { offered: 0, accepted: 0, refused: 0, unknown: 0 };
  let reporting: Promise<void> = Promise.resolve();

  const report = async () => {
    const totals = counters.totals();
    const before = reported;
    // Counted as reported even if the reply is lost: a repeat would count them twice.
    reported = totals;
    await addIntake(redis, {
      offered: totals.offered - before.offered,
      accepted: totals.accepted - before.accepted,
      refused: totals.refused - before.refused,
      unknown: totals.unknown - before.unknown,
    });
    await writeHeartbeat(redis, {
      role: 'edge',
      name,
      startedAt,
      details: { ...totals, ...byTransport(counters), ...details() },
    });
  };
  const beat = () => {
    if (redis.ready) reporting = reporting.then(report).catch(ignoreError);
  };
  beat();
  const timer = setInterval(beat, INTERVAL_MS);
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      beat();
      await reporting;
      if (redis.ready) await removeHeartbeat(redis, { role: 'edge', name }).catch(ignoreError);
    },
  };
}

function ignoreError(): void {
  // Redis is unavailable, as its connection reports; no one could read a heartbeat either.
}
