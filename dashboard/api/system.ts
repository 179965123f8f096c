import * as v from 'valibot';
import type { Ledger } from '../../store/monitoring/ledger.ts';
import type { SystemView } from '../../store/monitoring/system.ts';
import { countSchema, list, named, timeSchema } from './common.ts';

const groupSchema = v.object({ name: v.string(), lag: v.nullable(countSchema), pending: countSchema });

const processSchema = v.object({
  name: v.string(),
  ageMs: countSchema,
  reportedAt: timeSchema,
  startedAt: timeSchema,
  alive: v.boolean(),
  details: v.record(v.string(), v.union([v.number(), v.string(), v.boolean()])),
});

const ledgerSchema = named(
  'Ledger',
  v.object({
    intake: v.object({ offered: countSchema, accepted: countSchema, refused: countSchema, unknown: countSchema }),
    entries: v.object({
      added: countSchema,
      tallied: countSchema,
      logged: countSchema,
      deadTally: countSchema,
      deadLog: countSchema,
      passedTally: countSchema,
      passedLog: countSchema,
      waiting: countSchema,
    }),
    votes: v.object({
      tallied: countSchema,
      counted: countSchema,
      superseded: countSchema,
      duplicate: countSchema,
      late: countSchema,
      dead: countSchema,
      logged: countSchema,
    }),
    open: countSchema,
    gaps: list(v.string()),
  }),
) satisfies v.GenericSchema<unknown, Ledger>;

const partitionSchema = v.object({
  partition: countSchema,
  length: countSchema,
  newestAgeMs: v.nullable(countSchema),
  groups: list(
    v.object({
      ...groupSchema.entries,
      consumers: list(v.object({ name: v.string(), pending: countSchema, idleMs: countSchema })),
    }),
  ),
  deadLetters: countSchema,
});

/** A state of the system, and its age. */
export interface SystemReading extends SystemView {
  /** Milliseconds since the reading began. */
  readonly ageMs: number;
}

export const systemSchema = named(
  'System',
  v.object({
    ageMs: v.pipe(countSchema, v.description('Milliseconds since this state was read.')),
    partitions: list(partitionSchema),
    groups: list(groupSchema),
    consumers: list(v.object({ ...processSchema.entries, pending: v.record(v.string(), countSchema) })),
    edges: list(processSchema),
    canReport: v.boolean(),
    warnings: v.array(v.string()),
    ledger: ledgerSchema,
  }),
) satisfies v.GenericSchema<unknown, SystemReading>;
