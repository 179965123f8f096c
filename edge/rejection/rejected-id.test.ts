import { expect, test } from 'vitest';
import { loadModule } from '../../wasm/load-module.ts';
import { TsCodec } from '../../wasm/ts-codec.ts';
import { WasmCodec } from '../../wasm/wasm-codec.ts';
import { rejectionMessage } from './rejection-problem.ts';

const table = {
  partitions: 1,
  contests: [{ id: 'pets', rule: 'one-per-voter', options: ['cats'] }],
} as const;

for (const codec of [new WasmCodec(await loadModule('codec')), new TsCodec()]) {
  codec.configure(table);
  const said = (call: 'encodeJson' | 'encodeNdjson' | 'encodeVote' | 'encodeVotes', body: string | Uint8Array) => {
    const { failure, rejected, body: read } = codec[call](Buffer.from(body));
    return [...(failure === undefined ? [] : [failure]), ...rejected].map((one) => rejectionMessage(one, read));
  };
  const noContest = (id: string) => `Unknown contest "${id}"; GET /v1/contests lists all contests`;
  const noOption = (id: string) => `Unknown choice "${id}"; GET /v1/contests lists the options of each contest`;

  test(`names an unknown id in JSON (${codec.name})`, () => {
    expect(said('encodeJson', '{"contest":"pats","choice":"cats","voter":"a"}')).toStrictEqual([noContest('pats')]);
    expect(said('encodeJson', '{"choice" : "birds","contest":"pets","voter":"a"}')).toStrictEqual([noOption('birds')]);
    expect(said('encodeJson', String.raw`{"contest":"p\u0061ts","choice":"cats","voter":"a"}`)).toStrictEqual([
      noContest('pats'),
    ]);
    const lines = ['{"contest":"pets","choice":"cats","voter":"é"}', '{"contest":"pets","choice":"dogs","voter":"b"}'];
    expect(said('encodeNdjson', lines.join('\n'))).toStrictEqual([noOption('dogs')]);
  });

  test(`names an unknown id in protobuf (${codec.name})`, () => {
    // A sequence follows the choice; its tag could be read as a character of an id.
    const vote = '\x0a\x04pets\x1a\x01a\x12\x04dogs0\x05';
    expect(said('encodeVote', vote)).toStrictEqual([noOption('dogs')]);
    expect(said('encodeVote', vote.replace('pets', 'pats'))).toStrictEqual([noContest('pats')]);
    expect(said('encodeVotes', `\x0a${String.fromCharCode(vote.length)}${vote}`)).toStrictEqual([noOption('dogs')]);
    const padded = Buffer.from('0a0470657473128400646f67731a0161', 'hex');
    expect(said('encodeVote', padded)).toStrictEqual([
      'Unknown choice; GET /v1/contests lists the options of each contest',
    ]);
  });
}
