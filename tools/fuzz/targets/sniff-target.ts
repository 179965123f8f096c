import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import fc from 'fast-check';
import { PREFACE } from '../../../edge/http2/frames/frame.ts';
import { sniffProtocol } from '../../../edge/listen/sniff.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { damaged } from './damaged.ts';

const SILENT_MS = 60_000;
const preface = new Uint8Array(PREFACE);
/** The first bytes of connections of both protocols. */
const beginnings = fc.oneof(
  fc.tuple(fc.constant(preface), fc.uint8Array({ maxLength: 20 })).map((parts) => new Uint8Array(Buffer.concat(parts))),
  fc.nat({ max: preface.length }).map((length) => preface.slice(0, length)),
  fc.constantFrom('GET / HTTP/1.1\r\n', 'PRI / HTTP/1.1\r\n\r\n', 'POST /v1/votes').map((line) => Buffer.from(line)),
);

/** The recognized protocol does not depend on chunk boundaries, and no byte is lost. */
export function sniffTarget(sniff: typeof sniffProtocol = sniffProtocol): FuzzTarget {
  const run = (chunks: readonly Uint8Array[]) => {
    // The only parts of a socket that the recognition uses.
    const socket = Object.assign(new EventEmitter(), { destroy: () => undefined }) as unknown as Socket;
    let found: { readonly protocol: string; readonly head: Buffer } | undefined;
    const later: Uint8Array[] = [];
    sniff(socket, SILENT_MS, (protocol, head) => {
      assert.equal(found, undefined, 'recognized twice');
      found = { protocol, head };
      socket.on('data', (chunk: Buffer) => later.push(chunk));
    });
    for (const chunk of chunks) socket.emit('data', Buffer.from(chunk));
    socket.emit('close');
    return found && { protocol: found.protocol, bytes: Buffer.concat([found.head, ...later]).toString('hex') };
  };
  return {
    inputs: damaged(beginnings),
    check(input) {
      const bytes = Buffer.from(input);
      const compared = Math.min(bytes.length, preface.length);
      const isBeginning = bytes.subarray(0, compared).equals(preface.subarray(0, compared));
      const protocol = !isBeginning ? 'http1' : bytes.length < preface.length ? undefined : 'http2';
      const expected = protocol && { protocol, bytes: bytes.toString('hex') };
      const pieces = (size: number) =>
        Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size));
      for (const size of [Math.max(1, bytes.length), 1, 5, 23]) {
        assert.deepEqual(run(pieces(size)), expected, `in pieces of ${size}`);
      }
    },
  };
}
