import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { VoteCodec } from '../wasm/codec.ts';
import { loadModule } from '../wasm/load-module.ts';
import { TsCodec } from '../wasm/ts-codec.ts';
import { WasmCodec } from '../wasm/wasm-codec.ts';
import { codecCosts } from './codec-costs.ts';
import { measureCodecs } from './codec-measure.ts';
import { CODEC_BENCH_TABLE, type CodecCase, codecCases } from './codec-workload.ts';
import { compareReports } from './report/compare.ts';
import { sampleReport } from './report/sample-report.ts';

/** A busy machine spoils rounds, and "no difference" is what a comparison says then: it is made again, of more of them. */
const ROUNDS = [15, 45, 135, 405];

const batch = codecCases().find(({ name }) => name === 'NDJSON of 500') as CodecCase;

/** Does every tenth batch twice: a tenth more work. */
class SlowerCodec extends WasmCodec {
  #calls = 0;

  override encodeNdjson(body: Uint8Array): ReturnType<VoteCodec['encodeNdjson']> {
    if (++this.#calls % 10 === 0) super.encodeNdjson(body);
    return super.encodeNdjson(body);
  }
}

function codecsWith(wasm: WasmCodec) {
  const codecs = { wasm, typescript: new TsCodec() };
  for (const codec of Object.values(codecs)) codec.configure(CODEC_BENCH_TABLE);
  return codecs;
}

test('a WebAssembly codec that really is 10 % slower is found, and only that', () => {
  const before = codecsWith(new WasmCodec(loadModule('codec')));
  const after = codecsWith(new SlowerCodec(loadModule('codec')));
  const measure = (codecs: typeof before) => measureCodecs(codecs, [batch], { rounds: 1, sliceMs: 10, warmUpMs: 1 });
  const pair = () => [measure(before), measure(after)];
  const reversed = () => [measure(after), measure(before)].reverse();
  let found: string[] = [];
  for (const rounds of ROUNDS) {
    const report = sampleReport({ rounds });
    const pairs = Array.from({ length: rounds }, (_, round) => (round % 2 === 0 ? pair() : reversed()));
    const [first, second] = [0, 1].map((side) => ({
      ...report,
      codecs: codecCosts(pairs.map((sides) => sides[side] ?? [])),
    }));
    assert.ok(first !== undefined && second !== undefined);
    found = compareReports(first, second)
      .changes.filter(({ verdict }) => verdict !== 'no difference')
      .map(({ row, verdict }) => `${row}: ${verdict}`);
    if (found.length === 1) break;
  }
  assert.deepEqual(found, ['codec wasm, NDJSON of 500: worse']);
});
