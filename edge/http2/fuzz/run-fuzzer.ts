import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { inspect, parseArgs } from 'node:util';

/**
 * Runs `round(seed)` with the seeds that failed before, then for `--minutes` (default 1) with ascending seeds from
 * `--seed` (default random). A round that throws ends the run; its seed reproduces it and is kept in tools/fuzz/seeds.
 */
export async function runFuzzer(name: string, round: (seed: number) => Promise<void>): Promise<void> {
  const { values } = parseArgs({
    allowPositionals: true,
    options: { minutes: { type: 'string' }, seed: { type: 'string' } },
  });
  const first = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
  const end = performance.now() + Number(values.minutes ?? 1) * 60_000;
  const kept = readSeeds(name);
  let seed = first;
  let tried = first;
  try {
    for (tried of kept) await round(tried);
    do {
      tried = seed++;
      await round(tried);
    } while (performance.now() < end);
  } catch (error) {
    const repeat = `repeat it with --seed ${tried} --minutes 0`;
    process.stderr.write(`${name}: seed ${tried} fails; ${repeat}\n${inspect(error)}\n`);
    mkdirSync(new URL('.', seedsFile(name)), { recursive: true });
    writeFileSync(seedsFile(name), `${[...new Set([...kept, tried])].join('\n')}\n`);
    process.exit(1);
  }
  console.log(`${name}: ${seed - first} rounds from seed ${first}, nothing found`);
  process.exit(0);
}

function seedsFile(name: string): URL {
  return new URL(`../../../tools/fuzz/seeds/${name}.txt`, import.meta.url);
}

function readSeeds(name: string): number[] {
  const file = seedsFile(name);
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8').trim().split('\n').map(Number);
}
