import { defaultContests } from '../../store/contests/default-contests.ts';
import type { System } from '../targets/system.ts';
import type { DriverJob, Workload } from './job.ts';

/** One seed for all jobs, so that they send the same votes. */
const SEED = 20_260_401;

/** One of the contests that every deployment starts with. */
export type Contest = 'bandas' | 'cats-vs-dogs' | 'visits';

type Settings = Pick<DriverJob, 'transport' | 'connections'> & Partial<DriverJob>;

/** Creates a job with single votes for a contest, unless the settings override it. */
export function makeJob(
  { url, watch }: Pick<System, 'url' | 'watch'>,
  contest: Contest,
  settings: Settings,
): DriverJob {
  return {
    url,
    encoding: settings.transport.startsWith('http') ? 'json' : 'protobuf',
    shape: { kind: 'single' },
    streams: 1,
    workload: workloadOf(contest),
    warmupMs: 1000,
    watch,
    ...settings,
  };
}

function workloadOf(contest: Contest): Workload {
  const found = defaultContests.find(({ id }) => id === contest);
  if (found === undefined) throw new Error(`Contest "${contest}" is not one of the default contests`);
  return { contest, rule: found.rule, options: found.options.map(({ id }) => id), seed: SEED };
}
