import * as v from 'valibot';
import { countSchema, list, named, timeSchema } from './common.ts';

const measureSchema = v.pipe(v.number(), v.minValue(0));

const benchRowSchema = v.object({
  id: v.string(),
  rung: v.pipe(v.string(), v.description('`edge`, or the name of a lower layer.')),
  load: v.pipe(v.string(), v.description('`closed`, or the votes per second that were offered.')),
  transport: v.string(),
  codec: v.string(),
  runtime: v.string(),
  mode: v.string(),
  connections: countSchema,
  cpuSecondsPerMillion: v.object({ median: measureSchema, low: measureSchema, high: measureSchema }),
  throughput: measureSchema,
  p99Ms: v.nullable(v.number()),
  valid: v.boolean(),
});
export type BenchRowView = v.InferOutput<typeof benchRowSchema>;

/** The CPU time of `to` as a multiple of that of `from`. The two differ in exactly one respect. */
const benchEffectSchema = v.object({
  factor: v.string(),
  work: v.string(),
  from: v.string(),
  to: v.string(),
  ratio: v.object({ median: measureSchema, low: measureSchema, high: measureSchema }),
});
export type BenchEffectView = v.InferOutput<typeof benchEffectSchema>;

/** One report of the bench. */
const benchReportSchema = named(
  'BenchReport',
  v.object({
    id: v.pipe(v.string(), v.description('The name of its folder: the time of the run.')),
    valid: v.boolean(),
    verdict: list(v.string()),
    rows: list(benchRowSchema),
    published: v.pipe(
      v.boolean(),
      v.description('True for the report that ships with Votewire, the source of the figures in the documentation.'),
    ),
    createdAt: v.nullable(timeSchema),
    machine: v.pipe(v.string(), v.description('The processor and the software versions, as text.')),
    invalid: v.pipe(list(v.string()), v.description('Why the run is not valid; empty if it is.')),
    effects: v.pipe(list(benchEffectSchema), v.description('What changes the cost, largest effect first.')),
    hasHtml: v.boolean(),
  }),
);
export type BenchReportView = v.InferOutput<typeof benchReportSchema>;

/** The bench run that this server started last. */
export const benchRunSchema = named(
  'BenchRun',
  v.variant('state', [
    v.object({ state: v.literal('none') }),
    v.object({ state: v.literal('running'), startedAt: timeSchema, output: list(v.string()) }),
    v.object({
      state: v.literal('ended'),
      startedAt: timeSchema,
      endedAt: timeSchema,
      exitCode: v.nullable(v.pipe(v.number(), v.integer())),
      output: list(v.string()),
    }),
  ]),
);
export type BenchRun = v.InferOutput<typeof benchRunSchema>;

export const benchSchema = named(
  'Bench',
  v.object({
    reports: list(benchReportSchema),
    run: benchRunSchema,
    mayStart: v.pipe(v.boolean(), v.description('Whether this client may start a run.')),
  }),
);
export type BenchView = v.InferOutput<typeof benchSchema>;
