/** An edge in which one part takes SLOW_NS longer for each vote: the TypeScript codec, Hono's server, or HTTP/2. */
import { Server } from 'node:http';
import { Http2Stream } from '../../edge/http2/stream/http2-stream.ts';
import { TsCodec } from '../../wasm/ts-codec.ts';

const extraMs = Number(process.env.SLOW_NS) / 1e6;

/** Uses CPU time for SLOW_NS. */
function spin(): void {
  const end = performance.now() + extraMs;
  while (performance.now() < end);
}

const plants: Readonly<Record<string, () => void>> = {
  codec() {
    const { encodeJson } = TsCodec.prototype;
    TsCodec.prototype.encodeJson = function (body) {
      spin();
      return encodeJson.call(this, body);
    };
  },
  server() {
    const emit: (event: string, ...values: unknown[]) => boolean = Server.prototype.emit;
    Server.prototype.emit = function (this: Server, event: string, ...values: unknown[]) {
      if (event === 'request') spin();
      return emit.call(this, event, ...values);
    };
  },
  transport() {
    const { answer } = Http2Stream.prototype;
    Http2Stream.prototype.answer = function (...reply) {
      spin();
      answer.apply(this, reply);
    };
  },
};

plants[process.env.SLOW ?? '']?.();
await import('../../edge/main.ts');
