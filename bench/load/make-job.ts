import type { ContestOptions, System } from '../targets/system.ts';
import type { DriverJob, Workload } from './job.ts';

/** The same seed everywhere: the same votes. */
const SEED = 20_260_401;

type Settings = Pick<DriverJob, 'transport' | 'connections'> & Partial<DriverJob>;

/** Single small votes for a contest of a system, unless the settings say otherwise. */
export async function makeJob(
  system: Pick<System, 'url' | 'watch' | 'contest'>,
  contest: Workload['contest'],
  settings: Settings,
): Promise<DriverJob> {
  return {
    url: system.url,
    encoding: settings.transport.startsWith('http') ? 'json' : 'protobuf',
    shape: { kind: 'single' },
    streams: 1,
    workload: workloadOf(contest, await system.contest(contest)),
    warmupMs: 1000,
    watch: system.watch,
    ...settings,
  };
}

export function workloadOf(contest: string, { rule, options }: ContestOptions): Workload {
  return { contest, rule, options, payload: 'small', seed: SEED };
}
