interface BenchProgress {
  /** From 0 to 1. */
  readonly share: number;
  readonly text: string;
}

const LINE = /^\[pass (\d+)\/(\d+), block (\d+)\/(\d+), (.+) left\] (.+)$/;

/** The progress that a bench printed last; undefined before its first block. */
export function benchProgress(output: readonly string[]): BenchProgress | undefined {
  const match = output.map((line) => LINE.exec(line)).findLast((found) => found !== null);
  if (match == null) return undefined;
  const [pass, passes, block, blocks] = match.slice(1, 5).map(Number) as [number, number, number, number];
  return { share: ((pass - 1) * blocks + block) / (passes * blocks), text: `${match[5]} left, measured ${match[6]}` };
}
