import { parseArgs } from 'node:util';

/** The arguments of `npm run bench -- ...`. */
export interface BenchOptions {
  readonly quick: boolean;
  /** Passes of every block; undefined: as many as the block requires. */
  readonly passes: number | undefined;
  readonly windows: number | undefined;
  /** True to spend the remaining time on further passes of the blocks with the widest intervals. */
  readonly adaptive: boolean;
  readonly warmupMs: number;
  readonly measureMs: number;
  /** Names of blocks; undefined: all. */
  readonly blocks: readonly string[] | undefined;
  readonly cpuPrice: number;
  /** True to write the headline figures between the markers of README.md. */
  readonly inject: boolean;
  readonly output: string | undefined;
}

export const usage = (
  blocks: readonly string[],
) => `npm run bench -- [options]             measure everything (about 18 minutes)
npm run bench -- --quick               both paths in less than a minute
npm run bench -- compare A.json B.json
npm run bench -- reproduce REPORT.json measure the same cells again with the same settings, and compare
npm run bench -- render REPORT.json    write its verdict and pages again, from its rows
npm run bench -- calibrate             compare the load generator with h2load and wrk on the same server
npm run bench:scale                    measure the whole system by partitions and Redis masters

  --block NAME[,NAME]      only these: ${blocks.join(', ')}
  --passes N               1 to 50, each on new processes; default: until the intervals are within 5 % or the time is
                           over, with --quick 1
  --windows N              1 to 50 windows of each cell in a pass; default 3 or 6 by block, with --quick as many as fit
  --ms N                   length of a window; default 400, with --quick 700
  --cpu-price USD          per vCPU-second; default 0.000024
  --inject                 put the headline figures into README.md and the report into the dashboard
  --output DIR             default bench/results/<time>
  --help

Exit codes: 0 valid report, 1 error or invalid run, 2 wrong arguments, 3 too busy for a verdict: run it again.`;

/** Cloud Run's list price of a vCPU-second with request-based billing. */
const DEFAULT_CPU_PRICE = 0.000024;

/** Parses the arguments; returns the error message if one is invalid. */
export function readOptions(args: readonly string[], knownBlocks: readonly string[]): BenchOptions | string {
  try {
    return toOptions(parse([...args]), knownBlocks);
  } catch (error) {
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
      block: text,
      passes: text,
      windows: text,
      ms: text,
      output: text,
      'cpu-price': text,
    },
  }).values;
}

function toOptions(values: ReturnType<typeof parse>, knownBlocks: readonly string[]): BenchOptions {
  const { quick, inject } = values;
  const blocks = values.block?.split(',');
  for (const name of blocks ?? []) {
    if (!knownBlocks.includes(name)) throw new Error(`--block ${name}: must be one of ${knownBlocks.join(', ')}`);
  }
  const whole = { min: 1, max: 50, whole: true };
  const count = (name: 'passes' | 'windows', fallback: number | undefined) =>
    values[name] === undefined ? fallback : readNumber(name, values[name], { ...whole, fallback: 1 });
  return {
    quick,
    inject,
    passes: count('passes', quick ? 1 : undefined),
    windows: count('windows', quick ? 6 : undefined),
    adaptive: !quick && values.passes === undefined,
    warmupMs: quick ? 500 : 900,
    measureMs: readNumber('ms', values.ms, { fallback: quick ? 700 : 400, min: 100, max: 600_000, whole: true }),
    blocks,
    cpuPrice: readNumber('cpu-price', values['cpu-price'], { fallback: DEFAULT_CPU_PRICE, min: 0, max: 1 }),
    output: values.output,
  };
}

export interface NumberRange {
  readonly fallback: number;
  readonly min: number;
  readonly max: number;
  readonly whole?: boolean;
}

/** @throws {Error} naming the option, its value and the allowed range */
export function readNumber(name: string, text: string | undefined, range: NumberRange): number {
  if (text === undefined) return range.fallback;
  const value = Number(text);
  const { min, max, whole = false } = range;
  if (text !== '' && value >= min && value <= max && (!whole || Number.isInteger(value))) return value;
  throw new Error(`--${name} ${text}: must be a ${whole ? 'whole ' : ''}number from ${min} to ${max}`);
}
