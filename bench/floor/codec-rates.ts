import { spawnSync } from 'node:child_process';
import { makePool } from '../driver/pool.ts';
import { seededContest } from '../system/floor-system.ts';
import { type Core, pinned } from '../system/placement.ts';
import { ROOT } from '../system/runtimes.ts';
import { floorCodec } from './floor-codec.ts';

/** Votes a second on one core. */
export interface CodecRates {
  readonly wasm: Rates;
  readonly typescript: Rates;
}

interface Rates {
  readonly single: number;
  readonly ndjson: number;
}

const MEASURE_MS = 400;
const WARM_UP_MS = 300;
const TURNS = 3;

/** Measures both codecs in a process of their own, on the server's core; null where that fails. */
export function measureCodecs(core: Core): CodecRates | null {
  const [program, ...args] = pinned(core, [process.execPath, `${ROOT}/bench/floor/codec-rates.ts`]);
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8' });
  return status === 0 ? (JSON.parse(stdout) as CodecRates) : null;
}

async function measureHere(): Promise<CodecRates> {
  const { rule, options } = seededContest('bandas');
  const workload = { contest: 'bandas', rule, options, payload: 'small', seed: 1 } as const;
  const singles = makePool('http1', { kind: 'single' }, workload, 4096).bodies;
  const batches = makePool('http1', { kind: 'batch', size: 500 }, workload, 16).bodies;
  const codecs = { wasm: await floorCodec('wasm'), typescript: await floorCodec('typescript') };
  const measure = (name: keyof typeof codecs): Rates => ({
    single: rate(singles, (body) => codecs[name].encodeJson(body).count),
    ndjson: rate(batches, (body) => codecs[name].encodeNdjson(body).count),
  });
  let best: CodecRates = { wasm: { single: 0, ndjson: 0 }, typescript: { single: 0, ndjson: 0 } };
  // In turns, the best of each: whatever else runs on the core can only slow a codec down.
  for (let turn = 0; turn < TURNS; turn++) {
    best = { wasm: faster(best.wasm, measure('wasm')), typescript: faster(best.typescript, measure('typescript')) };
  }
  return best;
}

const faster = (a: Rates, b: Rates): Rates => ({
  single: Math.max(a.single, b.single),
  ndjson: Math.max(a.ndjson, b.ndjson),
});

function rate(bodies: readonly Buffer[], encode: (body: Buffer) => number): number {
  const run = (ms: number) => {
    const startedAt = performance.now();
    let votes = 0;
    while (performance.now() - startedAt < ms) for (const body of bodies) votes += encode(body);
    return (votes / (performance.now() - startedAt)) * 1000;
  };
  run(WARM_UP_MS);
  return run(MEASURE_MS);
}

if (process.argv[1] === new URL(import.meta.url).pathname) console.log(JSON.stringify(await measureHere()));
