import { defaultContests } from '../../store/contests/default-contests.ts';
import type { VoteCodec } from '../../wasm/codec.ts';

/** A codec that knows the default contests; each is loaded on demand. */
export async function baselineCodec(name: 'wasm' | 'typescript'): Promise<VoteCodec> {
  const codec = await load(name);
  const contests = defaultContests.map(({ id, rule, options }) => ({ id, rule, options: options.map((o) => o.id) }));
  codec.configure({ partitions: 4, contests });
  return codec;
}

async function load(name: 'wasm' | 'typescript'): Promise<VoteCodec> {
  if (name === 'typescript') {
    const { TsCodec } = await import('../../wasm/ts-codec.ts');
    return new TsCodec();
  }
  const { loadModule } = await import('../../wasm/load-module.ts');
  const { WasmCodec } = await import('../../wasm/wasm-codec.ts');
  return new WasmCodec(loadModule('codec'));
}
