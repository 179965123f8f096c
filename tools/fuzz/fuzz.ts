import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { FuzzTarget } from './fuzz-target.ts';

const SEEDS = join(import.meta.dirname, 'seeds');

interface FuzzOptions {
  readonly ms: number;
  /** The same seed repeats a run. */
  readonly seed: number;
  /** Inputs that run first. */
  readonly examples?: readonly Uint8Array[];
}

interface FuzzResult {
  readonly runs: number;
  /** The smallest failing input found, with its error; undefined if none failed. */
  readonly failure: { readonly input: Uint8Array; readonly error: unknown } | undefined;
}

/** Feeds random inputs to a target until one fails or `ms` have passed; shrinks a failing input for at most `ms`. */
export function fuzz({ inputs, check }: FuzzTarget, { ms, seed, examples = [] }: FuzzOptions): FuzzResult {
  const result = fc.check(
    fc.property(inputs, (input) => check(input)),
    {
      seed,
      numRuns: Number.MAX_SAFE_INTEGER,
      interruptAfterTimeLimit: ms,
      examples: examples.map((input) => [input] as [Uint8Array]),
    },
  );
  const [input] = result.counterexample ?? [];
  const failure = input === undefined ? undefined : { input, error: result.errorInstance };
  return { runs: result.numRuns, failure };
}

/** Reads the inputs of earlier failures: one per line, in hexadecimal. */
export function readSeeds(target: string): Uint8Array[] {
  const path = join(SEEDS, `${target}.txt`);
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => new Uint8Array(Buffer.from(line, 'hex')));
}

/** Saves an input for all later runs. */
export function keepSeed(target: string, input: Uint8Array): void {
  const lines = [...readSeeds(target), input].map((seed) => Buffer.from(seed).toString('hex'));
  mkdirSync(SEEDS, { recursive: true });
  writeFileSync(join(SEEDS, `${target}.txt`), `${[...new Set(lines)].join('\n')}\n`);
}
