import { defaultContests } from '../../store/contests/default-contests.ts';
import { loadModule } from '../../wasm/load-module.ts';
import { WasmCodec } from '../../wasm/wasm-codec.ts';

/** The WebAssembly codec with the default contests. */
export function baselineCodec(): WasmCodec {
  const codec = new WasmCodec(loadModule('codec'));
  const contests = defaultContests.map(({ id, rule, options }) => ({ id, rule, options: options.map((o) => o.id) }));
  codec.configure({ partitions: 4, contests });
  return codec;
}
