import { parseArgs } from 'node:util';

/** The arguments of `npm run bench -- ...`. */
export interface BenchOptions {
  readonly quick: boolean;
  readonly rounds: number;
  readonly warmupMs: number;
  readonly measureMs: number;
  /** The caller set rounds or seconds: the run takes as long as they need. */
  readonly ownLength: boolean;
  /** Names of scenarios; undefined: all. */
  readonly scenarios: readonly string[] | undefined;
  readonly target: string | undefined;
  readonly cpuPrice: number;
  readonly votesPerSecond: number;
  /** Write the headline figures between the markers of README.md. */
  readonly inject: boolean;
  readonly output: string | undefined;
}

/** The help text. */
export const usage = (
  scenarios: readonly string[],
) => `npm run bench -- [options]            measure everything (about 25 minutes)
npm run bench -- --quick              both paths in less than a minute
npm run bench -- compare A.json B.json
npm run bench -- render REPORT.json   write its verdict and pages again, from its rows
npm run bench -- calibrate            compare the load generator with h2load and wrk on the same server
npm run bench:baselines               the layers from a bare server to the edge, and the speed targets

  --scenario NAME[,NAME]   only these: ${scenarios.join(', ')}
  --rounds N               1 to 50; default 5, with --quick 3
  --seconds N              measured seconds of each variant and round; default 2, with --quick 1
  --target URL             measure an edge that runs already (no CPU; not checked against its stream)
  --cpu-price USD          a vCPU-second; default 0.000024
  --votes-per-second N     for the monthly cost; default 1000
  --inject                 put the headline figures into README.md
  --output DIR             default bench/results/<time>
  --help`;

const FULL_ROUNDS = 5;
const QUICK_ROUNDS = 3;

/** Cloud Run's list price of a vCPU-second with CPU always allocated is lower, per request higher; this is the latter. */
const DEFAULT_CPU_PRICE = 0.000024;

/** Parses the arguments; returns the error message if one is invalid. */
export function readOptions(args: readonly string[], knownScenarios: readonly string[]): BenchOptions | string {
  try {
    return toOptions(parse([...args]), knownScenarios);
  } catch (error) {
    // parseArgs throws for an argument that it does not know.
    return error instanceof Error ? error.message : String(error);
  }
}

function parse(args: string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  return parseArgs({
    args,
    options: {
      quick: flag,
      inject: flag,
      scenario: text,
      rounds: text,
      seconds: text,
      target: text,
      output: text,
      'cpu-price': text,
      'votes-per-second': text,
    },
  }).values;
}

function toOptions(values: ReturnType<typeof parse>, knownScenarios: readonly string[]): BenchOptions {
  const { quick, inject } = values;
  const scenarios = values.scenario?.split(',');
  for (const name of scenarios ?? []) {
    if (!knownScenarios.includes(name))
      throw new Error(`--scenario ${name}: it must be one of ${knownScenarios.join(', ')}`);
  }
  if (values.target !== undefined && !/^https?:\/\/[^/]+\/?$/.test(values.target)) {
    throw new Error(`--target ${values.target}: it must be an origin, as https://edge.example.org`);
  }
  return {
    quick,
    inject,
    rounds: number('rounds', values.rounds, {
      fallback: quick ? QUICK_ROUNDS : FULL_ROUNDS,
      min: 1,
      max: 50,
      whole: true,
    }),
    warmupMs: quick ? 700 : 1200,
    measureMs: 1000 * number('seconds', values.seconds, { fallback: quick ? 1 : 2, min: 1, max: 600, whole: true }),
    ownLength: values.rounds !== undefined || values.seconds !== undefined,
    scenarios,
    target: values.target?.replace(/\/$/, ''),
    cpuPrice: number('cpu-price', values['cpu-price'], { fallback: DEFAULT_CPU_PRICE, min: 0, max: 1, whole: false }),
    votesPerSecond: number('votes-per-second', values['votes-per-second'], {
      fallback: 1000,
      min: 1,
      max: 1e9,
      whole: false,
    }),
    output: values.output,
  };
}

interface Range {
  readonly fallback: number;
  readonly min: number;
  readonly max: number;
  readonly whole: boolean;
}

function number(name: string, text: string | undefined, range: Range): number {
  if (text === undefined) return range.fallback;
  const value = Number(text);
  if (text !== '' && value >= range.min && value <= range.max && (!range.whole || Number.isInteger(value)))
    return value;
  throw new Error(
    `--${name} ${text}: it must be a ${range.whole ? 'whole ' : ''}number from ${range.min} to ${range.max}`,
  );
}
