import process from 'node:process';
import { inspect, parseArgs } from 'node:util';

/**
 * Runs `round(seed)` with one seed after the other for `--minutes` (1), from `--seed` (random) on. A round that throws
 * ends the run: its seed repeats it.
 */
export async function runFuzzer(name: string, round: (seed: number) => Promise<void>): Promise<void> {
  const { values } = parseArgs({
    allowPositionals: true,
    options: { minutes: { type: 'string' }, seed: { type: 'string' } },
  });
  const first = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
  const end = performance.now() + Number(values.minutes ?? 1) * 60_000;
  let seed = first;
  try {
    do await round(seed++);
    while (performance.now() < end);
  } catch (error) {
    const repeat = `repeat it with --seed ${seed - 1} --minutes 0`;
    process.stderr.write(`${name}: seed ${seed - 1} fails; ${repeat}\n${inspect(error)}\n`);
    process.exit(1);
  }
  console.log(`${name}: ${seed - first} rounds from seed ${first}, nothing found`);
  process.exit(0);
}
