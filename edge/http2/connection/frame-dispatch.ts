import { edgeLog } from '../../edge-log.ts';
import { Http2ErrorCode } from '../error-code.ts';
import { Flag, FrameType, readUint31, readUint32 } from '../frames/frame.ts';
import type { FrameSink } from '../frames/frame-reader.ts';
import { readPeerSettings } from '../frames/peer-settings.ts';
import type { Http2Limits } from '../limits.ts';
import type { Http2Stream } from '../stream/http2-stream.ts';
import type { StreamHandler } from '../stream/stream-handler.ts';
import { type AbuseGuard, type AbuseKind, abuseKindOf } from './abuse-guard.ts';
import { HeaderFrames } from './header-frames.ts';
import type { Http2Connection } from './http2-connection.ts';
import type { StreamTable } from './stream-table.ts';

export interface DispatchOptions {
  readonly limits: Http2Limits;
  readonly onRequest: (stream: Http2Stream) => StreamHandler;
}

/** Does what each frame of a connection says, or ends the stream or the connection for it (RFC 9113, 6). */
export class FrameDispatch implements FrameSink {
  readonly #connection: Http2Connection;
  readonly #streams: StreamTable;
  readonly #guard: AbuseGuard;
  readonly #headers: HeaderFrames;

  constructor(connection: Http2Connection, streams: StreamTable, guard: AbuseGuard, options: DispatchOptions) {
    this.#connection = connection;
    this.#streams = streams;
    this.#guard = guard;
    this.#headers = new HeaderFrames(connection, streams, this, options);
  }

  /** Whether a header block has begun and not ended. */
  get inHeaderBlock(): boolean {
    return this.#headers.assembling;
  }

  frame(type: number, flags: number, streamId: number, bytes: Buffer, start: number, end: number): boolean {
    const connection = this.#connection;
    if (connection.state === 'settings' && !this.#isFirstSettings(type, flags)) return false;
    try {
      if (this.#headers.assembling && type !== FrameType.CONTINUATION) {
        this.protocolError('A header block is interrupted by another frame');
      } else if (type === FrameType.HEADERS) this.#headers.headers(flags, streamId, bytes, start, end);
      else if (type === FrameType.DATA) this.#data(flags, streamId, bytes, start, end);
      else this.#control(type, flags, streamId, bytes, start, end);
    } catch (error) {
      // One request must not be the end of all others.
      edgeLog.error({ error }, 'Request failed');
      this.#streams.get(streamId)?.reset(Http2ErrorCode.INTERNAL_ERROR);
    }
    if (!this.#headers.assembling) connection.frameEnded();
    return connection.state !== 'closing' && connection.state !== 'closed';
  }

  frameTooLarge(type: number): void {
    this.#connection.fail(Http2ErrorCode.FRAME_SIZE_ERROR, `A frame of type ${type} is larger than it may be`);
  }

  protocolError(reason: string): void {
    this.#connection.fail(Http2ErrorCode.PROTOCOL_ERROR, reason);
  }

  /** Ends a stream for an error of the peer's. One that costs it nothing may not be repeated without end. */
  streamError(streamId: number, code: Http2ErrorCode): void {
    const stream = this.#streams.get(streamId);
    if (stream !== undefined) stream.reset(code);
    else {
      this.#connection.output.resetStream(streamId, code);
      this.#streams.reset.add(streamId);
    }
    this.#count('resets');
  }

  /** A frame on a stream that is closed. */
  stray(streamId: number, endStream: boolean): void {
    if (endStream) this.#streams.reset.delete(streamId);
    this.#count('strayFrames');
  }

  #isFirstSettings(type: number, flags: number): boolean {
    if (type === FrameType.SETTINGS && (flags & Flag.ACK) === 0) {
      this.#connection.opened();
      return true;
    }
    this.protocolError('The first frame is not SETTINGS');
    return false;
  }

  /** False: too many, and the connection has ended. */
  #count(kind: AbuseKind): boolean {
    if (this.#guard.allows(kind)) return true;
    this.#connection.fail(Http2ErrorCode.ENHANCE_YOUR_CALM, `Too many per second: ${kind}`);
    return false;
  }

  #data(flags: number, streamId: number, bytes: Buffer, start: number, end: number): void {
    const connection = this.#connection;
    const frameBytes = end - start;
    if (!connection.receiveBody(frameBytes)) {
      connection.fail(Http2ErrorCode.FLOW_CONTROL_ERROR, 'The window of the connection is exceeded');
      return;
    }
    let from = start;
    let to = end;
    if ((flags & Flag.PADDED) !== 0) {
      to -= bytes[from++] ?? 0;
      if (from > end || to < from) {
        this.protocolError('Padding is longer than its frame');
        return;
      }
    }
    const endStream = (flags & Flag.END_STREAM) !== 0;
    const stream = this.#streams.get(streamId);
    if (stream === undefined) {
      this.#strayData(streamId, frameBytes, endStream);
      return;
    }
    if (from === to && !endStream && !this.#count('emptyData')) return;
    const error = stream.receiveData(bytes.subarray(from, to), frameBytes, endStream);
    if (error === Http2ErrorCode.NO_ERROR) return;
    connection.consumed(frameBytes);
    this.streamError(streamId, error);
  }

  #strayData(streamId: number, frameBytes: number, endStream: boolean): void {
    if (this.#streams.isIdle(streamId)) {
      this.protocolError('DATA on a stream that is not open');
      return;
    }
    this.#connection.consumed(frameBytes);
    if (this.#streams.reset.has(streamId)) this.stray(streamId, endStream);
    else this.streamError(streamId, Http2ErrorCode.STREAM_CLOSED);
  }

  #control(type: number, flags: number, streamId: number, bytes: Buffer, start: number, end: number): void {
    const kind = abuseKindOf(type);
    if (kind !== undefined && !this.#count(kind)) return;
    switch (type) {
      case FrameType.WINDOW_UPDATE:
        this.#windowUpdate(streamId, bytes, start, end);
        return;
      case FrameType.RST_STREAM:
        this.#resetStream(streamId, bytes, start, end);
        return;
      case FrameType.SETTINGS:
        this.#settings(flags, streamId, bytes, start, end);
        return;
      case FrameType.PING:
        this.#ping(flags, streamId, bytes, start, end);
        return;
      case FrameType.CONTINUATION:
        this.#headers.continuation(flags, streamId, bytes, start, end);
        return;
      case FrameType.PRIORITY:
        this.#priority(streamId, bytes, start, end);
        return;
      case FrameType.GOAWAY:
        if (streamId !== 0) this.protocolError('GOAWAY on a stream');
        else if (end - start < 8) this.#sizeError('GOAWAY');
        return;
      case FrameType.PUSH_PROMISE:
        this.protocolError('A client does not push');
    }
  }

  #windowUpdate(streamId: number, bytes: Buffer, start: number, end: number): void {
    if (end - start !== 4) {
      this.#sizeError('WINDOW_UPDATE');
      return;
    }
    const connection = this.#connection;
    const increment = readUint31(bytes, start);
    if (streamId === 0) {
      if (increment === 0) {
        this.protocolError('WINDOW_UPDATE of 0 bytes');
        return;
      }
      if (connection.widen(increment)) connection.resumeSending();
      else connection.fail(Http2ErrorCode.FLOW_CONTROL_ERROR, 'The window of the connection exceeds 2^31-1');
      return;
    }
    const stream = this.#streams.get(streamId);
    if (stream === undefined) {
      if (this.#streams.isIdle(streamId)) this.protocolError('WINDOW_UPDATE on a stream that is not open');
    } else if (increment === 0) this.streamError(streamId, Http2ErrorCode.PROTOCOL_ERROR);
    else if (!stream.widen(increment)) this.streamError(streamId, Http2ErrorCode.FLOW_CONTROL_ERROR);
    else connection.resumeSending();
  }

  #resetStream(streamId: number, bytes: Buffer, start: number, end: number): void {
    if (end - start !== 4) {
      this.#sizeError('RST_STREAM');
      return;
    }
    if (this.#streams.isIdle(streamId)) {
      this.protocolError('RST_STREAM on a stream that is not open');
      return;
    }
    const stream = this.#streams.get(streamId);
    if (stream === undefined) {
      this.stray(streamId, true);
      return;
    }
    if (!this.#count('resets')) return;
    stream.closed(peerCode(readUint32(bytes, start)));
    this.#streams.reset.delete(streamId);
  }

  #settings(flags: number, streamId: number, bytes: Buffer, start: number, end: number): void {
    if (streamId !== 0) {
      this.protocolError('SETTINGS on a stream');
      return;
    }
    if ((flags & Flag.ACK) !== 0) {
      if (end !== start) this.#sizeError('SETTINGS');
      return;
    }
    const connection = this.#connection;
    const settings = readPeerSettings(bytes, start, end);
    if (typeof settings === 'number') {
      connection.fail(settings, 'SETTINGS is invalid');
      return;
    }
    if (settings.headerTableBytes !== undefined) connection.shrinkTable();
    connection.output.settingsAck();
    if (settings.initialWindow !== undefined && !this.#headers.setInitialWindow(settings.initialWindow)) {
      connection.fail(Http2ErrorCode.FLOW_CONTROL_ERROR, 'A stream window exceeds 2^31-1');
      return;
    }
    connection.resumeSending();
  }

  #ping(flags: number, streamId: number, bytes: Buffer, start: number, end: number): void {
    if (streamId !== 0) this.protocolError('PING on a stream');
    else if (end - start !== 8) this.#sizeError('PING');
    else if ((flags & Flag.ACK) !== 0) this.#connection.pingAnswered();
    else this.#connection.output.ping(bytes.subarray(start, end), true);
  }

  /** Priorities are deprecated and ignored, but for their form. */
  #priority(streamId: number, bytes: Buffer, start: number, end: number): void {
    if (streamId === 0) this.protocolError('PRIORITY without a stream');
    else if (end - start !== 5) this.#sizeError('PRIORITY');
    else if (readUint31(bytes, start) === streamId) this.protocolError('A stream depends on itself');
  }

  #sizeError(frame: string): void {
    this.#connection.fail(Http2ErrorCode.FRAME_SIZE_ERROR, `A ${frame} frame does not have its size`);
  }
}

/** What a handler is given for the code of a reset: it was not answered, whatever the peer calls it. */
function peerCode(code: number): Http2ErrorCode {
  if (code === Http2ErrorCode.NO_ERROR) return Http2ErrorCode.CANCEL;
  return code <= Http2ErrorCode.ENHANCE_YOUR_CALM ? (code as Http2ErrorCode) : Http2ErrorCode.INTERNAL_ERROR;
}
