import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { printHelp } from '../../tools/print-help.ts';
import { loadModule } from '../../wasm/load-module.ts';
import { TsCodec } from '../../wasm/ts-codec.ts';
import { WasmCodec } from '../../wasm/wasm-codec.ts';
import { type CodecRow, measureCodecs } from './codec-measure.ts';
import { CODEC_BENCH_TABLE, codecCases } from './codec-workload.ts';

const USAGE = `npm run bench:codec   the CPU time of a vote in each codec, single and batched, and the size of the modules

  CODEC_BENCH_ROUNDS=N   slices per case; default 15`;

printHelp(USAGE);

const rounds = Number(process.env.CODEC_BENCH_ROUNDS ?? 15);
const codecs = { wasm: new WasmCodec(loadModule('codec')), typescript: new TsCodec() };
for (const codec of Object.values(codecs)) codec.configure(CODEC_BENCH_TABLE);

const rows = measureCodecs(codecs, codecCases(), { rounds, sliceMs: 20 });

const millions = (nanoseconds: number) => (1000 / nanoseconds).toFixed(1);
console.log('CPU time per vote, medians of interleaved rounds; millions of votes/s per core\n');
console.table(
  rows.map(({ name, bytesPerVote, nanoseconds, ratio }) => ({
    case: name,
    'bytes/vote': Math.round(bytesPerVote),
    'WASM ns': Math.round(nanoseconds.wasm),
    'WASM M/s': millions(nanoseconds.wasm),
    'TS ns': Math.round(nanoseconds.typescript),
    'TS M/s': millions(nanoseconds.typescript),
    'TS / WASM': ratio.toFixed(1),
  })),
);

for (const name of ['codec', 'mac']) {
  const module = readFileSync(new URL(`../../wasm/build/${name}.wasm`, import.meta.url));
  console.log(`${name}.wasm: ${module.length} bytes, ${gzipSync(module).length} gzipped`);
}

function target(name: string, text: string, holds: (row: CodecRow) => boolean): void {
  const row = rows.find((candidate) => candidate.name === name);
  console.log(`${row !== undefined && holds(row) ? 'met   ' : 'missed'} ${text}`);
}

console.log();
target('JSON', 'WASM, single JSON votes: at least 5 M votes/s', (row) => row.nanoseconds.wasm <= 200);
target('NDJSON of 500', 'WASM, NDJSON: at least 8 M votes/s', (row) => row.nanoseconds.wasm <= 125);
target('JSON', 'single JSON votes: at least 4 x the TypeScript codec', (row) => row.ratio >= 4);
target('NDJSON of 500', 'NDJSON: at least 4 x the TypeScript codec', (row) => row.ratio >= 4);
