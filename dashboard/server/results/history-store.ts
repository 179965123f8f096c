import { openSampleStream, type Sample, type SampleStream } from '../../../store/monitoring/sample-stream.ts';
import type { Redis } from '../../../store/redis/redis.ts';
import { countHistoryByMinuteKey, countHistoryKey } from '../../../store/streams/keys.ts';
import type { Results } from '../../../store/tally/results.ts';
import type { Point } from './option-history.ts';

/** Keeps the counts of contests over time in Redis, for dashboards that start later. */
export interface HistoryStore {
  add(results: Results, now: number): Promise<void>;
  /** The stored points for exactly these options, oldest first. */
  load(contest: string, options: readonly string[]): Promise<StoredHistory>;
  remove(contest: string): Promise<void>;
}

export interface StoredHistory {
  /** The last hour, by the second. */
  readonly fine: readonly Point[];
  /** The last day, by the minute. */
  readonly coarse: readonly Point[];
  /** Time and number of votes, changed votes included, in the last hour. */
  readonly votes: readonly (readonly [number, number])[];
}

/** No option has this name. */
const CHANGED = ':changed';
const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

export function createHistoryStore(redis: Redis): HistoryStore {
  const streamsOf = (contest: string): [fine: SampleStream, coarse: SampleStream] => [
    openSampleStream(redis, { key: countHistoryKey(contest), stepMs: SECOND_MS, keepMs: HOUR_MS }),
    openSampleStream(redis, { key: countHistoryByMinuteKey(contest), stepMs: MINUTE_MS, keepMs: 24 * HOUR_MS }),
  ];
  return {
    async add({ contest, options, changed }, now) {
      const fields = { [CHANGED]: changed, ...Object.fromEntries(options.map(({ id, count }) => [`o ${id}`, count])) };
      await Promise.all(streamsOf(contest).map((stream) => stream.add(now, fields)));
    },
    async load(contest, options) {
      const [fine, coarse] = streamsOf(contest);
      const [seconds, minutes] = await Promise.all([fine.read(), coarse.read()]);
      const pointsOf = (samples: readonly Sample[]) => samples.flatMap((sample) => pointOf(sample, options));
      const points = pointsOf(seconds);
      return {
        fine: points.map(({ point }) => point),
        coarse: pointsOf(minutes).map(({ point }) => point),
        votes: points.map(({ point: [at, ...counts], changed }) => [at, counts.reduce((a, b) => a + b, changed)]),
      };
    },
    async remove(contest) {
      await Promise.all(streamsOf(contest).map((stream) => stream.remove()));
    },
  };
}

/** Empty if the contest had other options at that time, because the columns differ. */
function pointOf({ at, fields }: Sample, options: readonly string[]): { point: Point; changed: number }[] {
  const { [CHANGED]: changed, ...counts } = fields;
  const names = Object.keys(counts);
  if (names.length !== options.length || names.some((name, index) => name !== `o ${options[index]}`)) return [];
  return [{ point: [at, ...Object.values(counts).map(Number)], changed: Number(changed) }];
}
