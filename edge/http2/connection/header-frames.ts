import { Http2ErrorCode } from '../error-code.ts';
import { DEFAULT_WINDOW_BYTES, Flag, readUint31 } from '../frames/frame.ts';
import { HeaderAssembly } from '../headers/header-assembly.ts';
import { HeaderDecoder } from '../headers/header-decoder.ts';
import type { Http2Limits } from '../limits.ts';
import { refuseRequest } from '../refuse-request.ts';
import { Http2Stream } from '../stream/http2-stream.ts';
import type { StreamHandler } from '../stream/stream-handler.ts';
import type { ConnectionHost } from './connection-host.ts';
import type { PeerErrors } from './peer-errors.ts';
import type { StreamTable } from './stream-table.ts';

const PRIORITY_BYTES = 5;

export interface HeaderFramesOptions {
  readonly limits: Http2Limits;
  /** Called for each request when its headers are complete. */
  readonly onRequest: (stream: Http2Stream) => StreamHandler;
}

/** Handles HEADERS and CONTINUATION: opens streams and ends them with trailers. */
export class HeaderFrames {
  readonly #connection: ConnectionHost;
  readonly #streams: StreamTable;
  readonly #errors: PeerErrors;
  readonly #options: HeaderFramesOptions;
  readonly #decoder: HeaderDecoder;
  #assembly: HeaderAssembly | undefined;
  /** Send window of new streams, as set by the peer. */
  #initialWindow = DEFAULT_WINDOW_BYTES;

  constructor(connection: ConnectionHost, streams: StreamTable, errors: PeerErrors, options: HeaderFramesOptions) {
    this.#connection = connection;
    this.#streams = streams;
    this.#errors = errors;
    this.#options = options;
    this.#decoder = new HeaderDecoder(options.limits);
  }

  /** True between HEADERS and the last CONTINUATION, when no other frame is allowed (RFC 9113, 6.10). */
  get assembling(): boolean {
    return this.#assembly !== undefined;
  }

  /** Changes the window of all streams. Returns false if one exceeds the maximum. */
  setInitialWindow(bytes: number): boolean {
    const change = bytes - this.#initialWindow;
    this.#initialWindow = bytes;
    for (const stream of this.#streams.values()) if (!stream.widen(change)) return false;
    return true;
  }

  headers(flags: number, streamId: number, bytes: Buffer, start: number, end: number): void {
    let from = start;
    let to = end;
    if ((flags & Flag.PADDED) !== 0) to -= bytes[from++] ?? 0;
    if ((flags & Flag.PRIORITY) !== 0) {
      if (to - from >= PRIORITY_BYTES && readUint31(bytes, from) === streamId) {
        this.#errors.protocolError('A stream depends on itself');
        return;
      }
      from += PRIORITY_BYTES;
    }
    if (from > to) {
      this.#errors.protocolError('Padding is longer than its frame');
      return;
    }
    const endStream = (flags & Flag.END_STREAM) !== 0;
    if ((flags & Flag.END_HEADERS) === 0 || to - from > this.#options.limits.headerBlockBytes) {
      this.#assembly = new HeaderAssembly(streamId, endStream);
      this.#add(this.#assembly, flags, bytes, from, to);
    } else this.#block(streamId, endStream, bytes, from, to);
  }

  continuation(flags: number, streamId: number, bytes: Buffer, start: number, end: number): void {
    const assembly = this.#assembly;
    if (assembly?.streamId === streamId) this.#add(assembly, flags, bytes, start, end);
    else this.#errors.protocolError('CONTINUATION without its header block');
  }

  #add(assembly: HeaderAssembly, flags: number, bytes: Buffer, start: number, end: number): void {
    if (!assembly.add(bytes, start, end, this.#options.limits)) {
      // The block is not decoded, so the tables of both sides differ and the connection is unusable.
      this.#connection.fail(Http2ErrorCode.ENHANCE_YOUR_CALM, 'A header block is too large or in too many frames');
      return;
    }
    if ((flags & Flag.END_HEADERS) === 0) return;
    this.#assembly = undefined;
    const block = assembly.block();
    this.#block(assembly.streamId, assembly.endStream, block, 0, block.length);
  }

  #block(streamId: number, endStream: boolean, bytes: Buffer, start: number, end: number): void {
    const streams = this.#streams;
    const stream = streams.get(streamId);
    const isNew = stream === undefined && streamId > streams.lastId && streamId % 2 === 1;
    const valid = isNew ? this.#decoder.request(bytes, start, end) : this.#decoder.trailers(bytes, start, end);
    if (!valid) this.#connection.fail(Http2ErrorCode.COMPRESSION_ERROR, 'A header block is not HPACK');
    else if (isNew) this.#open(streamId, endStream);
    else if (stream !== undefined) this.#trailers(stream, endStream);
    else if (streams.isIdle(streamId)) this.#errors.protocolError('HEADERS on a stream that a client cannot open');
    else if (streams.reset.has(streamId)) this.#errors.stray(streamId, endStream);
    else this.#connection.fail(Http2ErrorCode.STREAM_CLOSED, 'HEADERS on a closed stream');
  }

  #open(streamId: number, endStream: boolean): void {
    const connection = this.#connection;
    const streams = this.#streams;
    const { verdict, headers } = this.#decoder;
    const { limits, onRequest } = this.#options;
    if (connection.state === 'draining') {
      // The GOAWAY told the peer that this stream is not served.
      streams.reset.add(streamId);
      return;
    }
    streams.lastId = streamId;
    if (verdict === 'malformed') {
      this.#refuse(streamId, endStream, Http2ErrorCode.PROTOCOL_ERROR);
      return;
    }
    if (verdict === 'too-large') {
      this.#refuse(streamId, endStream, Http2ErrorCode.ENHANCE_YOUR_CALM);
      return;
    }
    if (streams.size >= limits.concurrentStreams) {
      this.#refuse(streamId, endStream, Http2ErrorCode.REFUSED_STREAM);
      return;
    }
    const stream = new Http2Stream(streamId, headers, connection, this.#initialWindow);
    streams.add(stream);
    if (headers.method === 'CONNECT') {
      // No tunnels.
      refuseRequest(stream, 501);
      return;
    }
    const handler = onRequest(stream);
    stream.handler = handler;
    if (stream.state === 'closed') handler.close(Http2ErrorCode.NO_ERROR);
    else if (endStream) this.#end(stream);
  }

  #trailers(stream: Http2Stream, endStream: boolean): void {
    const { verdict } = this.#decoder;
    if (stream.state !== 'open') this.#errors.streamError(stream.id, Http2ErrorCode.STREAM_CLOSED);
    else if (!endStream || verdict === 'malformed') {
      this.#errors.streamError(stream.id, Http2ErrorCode.PROTOCOL_ERROR);
    } else if (verdict === 'too-large') this.#errors.streamError(stream.id, Http2ErrorCode.ENHANCE_YOUR_CALM);
    else this.#end(stream);
  }

  #end(stream: Http2Stream): void {
    const error = stream.receiveEnd();
    if (error !== Http2ErrorCode.NO_ERROR) this.#errors.streamError(stream.id, error);
  }

  #refuse(streamId: number, endStream: boolean, code: Http2ErrorCode): void {
    this.#errors.streamError(streamId, code);
    if (endStream) this.#streams.reset.delete(streamId);
  }
}
