import type { VoteCodec } from '../wasm/codec.ts';
import { loadModule } from '../wasm/load-module.ts';
import { TsCodec } from '../wasm/ts-codec.ts';
import { WasmCodec } from '../wasm/wasm-codec.ts';
import type { EdgeConfig } from './config.ts';
import { edgeLog } from './edge-log.ts';

/** The configured codec of each protocol. */
export function createCodecs(config: Pick<EdgeConfig, 'codecs'>): { http: VoteCodec; grpc: VoteCodec } {
  const create = (name: EdgeConfig['codecs']['http']): VoteCodec =>
    name === 'wasm' ? new WasmCodec(loadModule('codec'), reportTrap) : new TsCodec();
  return { http: create(config.codecs.http), grpc: create(config.codecs.grpc) };
}

/** Logs a trap. The call gets an internal error, and the module's instance is replaced. */
function reportTrap(trap: unknown): void {
  edgeLog.error({ error: trap }, 'WebAssembly codec trapped');
}
