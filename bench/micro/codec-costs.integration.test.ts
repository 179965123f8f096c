import { expect, test } from 'vitest';
import type { VoteCodec } from '../../wasm/codec.ts';
import { loadModule } from '../../wasm/load-module.ts';
import { TsCodec } from '../../wasm/ts-codec.ts';
import { WasmCodec } from '../../wasm/wasm-codec.ts';
import type { Estimate } from '../statistics/median.ts';
import { codecCosts } from './codec-costs.ts';
import { measureCodecs } from './codec-measure.ts';
import { CODEC_BENCH_TABLE, type CodecCase, codecCases } from './codec-workload.ts';

/** Enough rounds for an interval that excludes the outliers of a busy machine. */
const ROUNDS = 11;
/** How long to wait for a quiet moment. */
const PATIENCE_MS = 40_000;
/** Maximum width of an interval, as a share of its median, that reliably shows a difference of a tenth. */
const TELLING_WIDTH = 0.04;
const TELLING_ATTEMPTS = 3;

const batch = codecCases().find(({ name }) => name === 'NDJSON of 500') as CodecCase;

/** Encodes every tenth batch twice, which is a tenth more work. */
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

test('detects exactly the WebAssembly codec that is 10 % slower', (t) => {
  const before = codecsWith(new WasmCodec(loadModule('codec')));
  const after = codecsWith(new SlowerCodec(loadModule('codec')));
  const measure = (codecs: typeof before) => measureCodecs(codecs, [batch], { rounds: 3, sliceMs: 10 });
  let found: string[] = [];
  let telling = 0;
  const deadline = performance.now() + PATIENCE_MS;
  while (found.length !== 1 && telling < TELLING_ATTEMPTS && performance.now() < deadline) {
    const rounds = Array.from({ length: ROUNDS }, () => [measure(before), measure(after)] as const);
    const first = codecCosts(rounds.map(([rows]) => rows));
    const second = codecCosts(rounds.map(([, rows]) => rows));
    found = first.flatMap((cost, at) => {
      const [a, b] = [cost.nanosecondsPerVote, second[at]?.nanosecondsPerVote ?? cost.nanosecondsPerVote];
      return b.low > a.high ? [`${cost.codec}: worse`] : b.high < a.low ? [`${cost.codec}: better`] : [];
    });
    const judged = [...first, ...second].filter(({ codec }) => codec === 'wasm');
    if (judged.every(({ nanosecondsPerVote }) => width(nanosecondsPerVote) < TELLING_WIDTH)) telling++;
  }
  if (found.length !== 1 && telling === 0) {
    return t.skip(`a machine too busy to tell: in ${PATIENCE_MS / 1000} s no interval was narrow enough`);
  }
  expect(found).toStrictEqual(['wasm: worse']);
});

function width({ median, low, high }: Estimate): number {
  return (high - low) / median;
}
