import * as v from 'valibot';
import type { Redis } from '../redis/redis.ts';
import { listOf, parseText, tupleOf } from '../redis/replies.ts';
import { processEventsKey } from '../streams/keys.ts';
import { HEARTBEAT_DEAD_MS } from './heartbeats.ts';
import type { ProcessView, SystemView } from './system.ts';

const ROLES = ['Consumer', 'Edge'] as const;
const CHANGES = ['started', 'fell silent', 'reports again', 'stopped in order'] as const;

/** A consumer or an edge that started or stopped. */
export interface ProcessEvent {
  /** Milliseconds since 1970, by Redis's clock. */
  readonly at: number;
  readonly role: (typeof ROLES)[number];
  readonly name: string;
  readonly change: (typeof CHANGES)[number];
  /** The start or the last heartbeat that the change is about: dashboards that see the same change agree on it. */
  readonly since: string;
}

/** How long Redis keeps events. */
const KEEP_MS = 3_600_000;
const MAX_EVENTS = 200;

const memberSchema = v.tuple([v.picklist(ROLES), v.string(), v.picklist(CHANGES), v.string()]);

/** Adds events that no dashboard has recorded before, and drops old ones. */
export async function recordProcessEvents(redis: Redis, events: readonly ProcessEvent[], now: number): Promise<void> {
  const key = processEventsKey;
  const members = events.flatMap(({ at, role, name, change, since }) => [
    `${at}`,
    JSON.stringify([role, name, change, since]),
  ]);
  await redis.send(key, ['ZADD', key, 'NX', ...members]);
  await redis.send(key, ['ZREMRANGEBYSCORE', key, '-inf', `${now - KEEP_MS}`]);
  await redis.send(key, ['ZREMRANGEBYRANK', key, '0', `${-1 - MAX_EVENTS}`]);
  await redis.send(key, ['PEXPIRE', key, `${KEEP_MS}`]);
}

const parseRows = listOf(tupleOf(parseText, Number));

/** The events of the last hour, newest first. */
export async function readProcessEvents(redis: Redis, now: number): Promise<ProcessEvent[]> {
  const key = processEventsKey;
  const range = ['ZRANGE', key, '+inf', `${now - KEEP_MS}`, 'BYSCORE', 'REV', 'WITHSCORES'];
  const rows = await redis.send(key, range, parseRows);
  return rows.flatMap(([member, at]) => {
    const parsed = v.safeParse(memberSchema, parseJson(member));
    if (!parsed.success) return [];
    const [role, name, change, since] = parsed.output;
    return [{ at, role, name, change, since }];
  });
}

export interface SystemReadings {
  /** The reading before, if Redis has answered since. */
  readonly before: SystemView | undefined;
  readonly view: SystemView;
  /** For how long Redis has answered without a break. */
  readonly answeredMs: number;
  /** Events that are recorded, newest first. */
  readonly known: readonly ProcessEvent[];
  readonly now: number;
}

/** The changes that `known` does not have. */
export function findProcessEvents({ before, view, answeredMs, known, now }: SystemReadings): ProcessEvent[] {
  const found: ProcessEvent[] = [];
  const add = (event: ProcessEvent) => {
    const isOld = event.at < now - KEEP_MS;
    if (!isOld && ![...known, ...found].some((other) => keyOf(other) === keyOf(event))) found.push(event);
  };
  const processes = processesOf(view);
  for (const { role, name, alive, startedAt, reportedAt } of processes) {
    add({ at: Date.parse(startedAt), role, name, change: 'started', since: startedAt });
    // After a break of Redis all processes look silent, until their next heartbeat.
    const isSilent = !alive && answeredMs > HEARTBEAT_DEAD_MS;
    if (isSilent) add({ at: Date.parse(reportedAt), role, name, change: 'fell silent', since: reportedAt });
    const [last] = [...known, ...found].filter((one) => one.role === role && one.name === name).sort(newestFirst);
    if (alive && last?.change === 'fell silent') {
      add({ at: Date.parse(reportedAt), role, name, change: 'reports again', since: last.since });
    }
  }
  const present = new Set(processes.map(({ role, name }) => `${role} ${name}`));
  for (const { role, name, alive, startedAt } of before === undefined ? [] : processesOf(before)) {
    if (alive && !present.has(`${role} ${name}`)) {
      add({ at: now, role, name, change: 'stopped in order', since: startedAt });
    }
  }
  return found.sort(newestFirst);
}

export function newestFirst(a: ProcessEvent, b: ProcessEvent): number {
  return b.at - a.at;
}

function keyOf({ role, name, change, since }: ProcessEvent): string {
  return JSON.stringify([role, name, change, since]);
}

function processesOf({ consumers, edges }: SystemView): readonly (ProcessView & Pick<ProcessEvent, 'role'>)[] {
  return [
    ...consumers.map((one) => ({ ...one, role: 'Consumer' as const })),
    ...edges.map((one) => ({ ...one, role: 'Edge' as const })),
  ];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
