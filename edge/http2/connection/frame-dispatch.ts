import { Http2ErrorCode } from '../error-code.ts';
import { Flag, FrameType, readUint31, readUint32 } from '../frames/frame.ts';
import type { FrameSink } from '../frames/frame-reader.ts';
import { readPeerSettings } from '../frames/peer-settings.ts';
import { type AbuseGuard, abuseKindOf } from './abuse-guard.ts';
import type { ConnectionHost } from './connection-host.ts';
import { HeaderFrames, type HeaderFramesOptions } from './header-frames.ts';
import { PeerErrors } from './peer-errors.ts';
import type { StreamTable } from './stream-table.ts';

/** A DATA frame on a closed stream with fewer bytes costs its sender almost nothing. */
const COSTLY_BYTES = 1_024;

/** Handles each frame of a connection; ends the stream or the connection on errors (RFC 9113, 6). */
export class FrameDispatch implements FrameSink {
  readonly #connection: ConnectionHost;
  readonly #streams: StreamTable;
  readonly #errors: PeerErrors;
  readonly #headers: HeaderFrames;

  constructor(connection: ConnectionHost, streams: StreamTable, guard: AbuseGuard, options: HeaderFramesOptions) {
    this.#connection = connection;
    this.#streams = streams;
    this.#errors = new PeerErrors(connection, streams, guard);
    this.#headers = new HeaderFrames(connection, streams, this.#errors, options);
  }

  /** Whether a header block is incomplete. */
  get inHeaderBlock(): boolean {
    return this.#headers.assembling;
  }

  frame(type: number, flags: number, streamId: number, bytes: Buffer, start: number, end: number): boolean {
    const connection = this.#connection;
    if (connection.state === 'settings' && !this.#isFirstSettings(type, flags)) return false;
    try {
      if (this.#headers.assembling && type !== FrameType.CONTINUATION) {
        this.#errors.protocolError('A header block is interrupted by another frame');
      } else if (type === FrameType.HEADERS) this.#headers.headers(flags, streamId, bytes, start, end);
      else if (type === FrameType.DATA) this.#data(flags, streamId, bytes, start, end);
      else this.#control(type, flags, streamId, bytes, start, end);
    } catch (error) {
      // An error in one request must not end all others.
      connection.failed(error, this.#streams.get(streamId));
    }
    if (!this.#headers.assembling) connection.frameEnded();
    return connection.state !== 'closing' && connection.state !== 'closed';
  }

  frameTooLarge(type: number): void {
    this.#connection.fail(Http2ErrorCode.FRAME_SIZE_ERROR, `A frame of type ${type} is larger than it may be`);
  }

  #isFirstSettings(type: number, flags: number): boolean {
    if (type === FrameType.SETTINGS && (flags & Flag.ACK) === 0) {
      this.#connection.opened();
      return true;
    }
    this.#errors.protocolError('The first frame is not SETTINGS');
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
        this.#errors.protocolError('Padding is longer than its frame');
        return;
      }
    }
    const endStream = (flags & Flag.END_STREAM) !== 0;
    const stream = this.#streams.get(streamId);
    if (stream === undefined) {
      this.#strayData(streamId, frameBytes, endStream);
      return;
    }
    if (from === to && !endStream && !this.#errors.count('emptyData')) return;
    const error = stream.receiveData(bytes.subarray(from, to), frameBytes, endStream);
    if (error === Http2ErrorCode.NO_ERROR) return;
    connection.consumed(frameBytes);
    this.#errors.streamError(streamId, error);
  }

  #strayData(streamId: number, frameBytes: number, endStream: boolean): void {
    if (this.#streams.isIdle(streamId)) {
      this.#errors.protocolError('DATA on a stream that is not open');
      return;
    }
    this.#connection.consumed(frameBytes);
    if (!this.#streams.reset.has(streamId)) this.#errors.streamError(streamId, Http2ErrorCode.STREAM_CLOSED);
    // The rest of a body that was answered early costs its sender as much as any upload, so it is not a flood.
    else if (frameBytes >= COSTLY_BYTES && !endStream) return;
    else this.#errors.stray(streamId, endStream);
  }

  #control(type: number, flags: number, streamId: number, bytes: Buffer, start: number, end: number): void {
    const kind = abuseKindOf(type);
    if (kind !== undefined && !this.#errors.count(kind)) return;
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
        if (streamId !== 0) this.#errors.protocolError('GOAWAY on a stream');
        else if (end - start < 8) this.#errors.sizeError('GOAWAY');
        return;
      case FrameType.PUSH_PROMISE:
        this.#errors.protocolError('A client does not push');
    }
  }

  #windowUpdate(streamId: number, bytes: Buffer, start: number, end: number): void {
    if (end - start !== 4) {
      this.#errors.sizeError('WINDOW_UPDATE');
      return;
    }
    const connection = this.#connection;
    const increment = readUint31(bytes, start);
    if (streamId === 0) {
      if (increment === 0) {
        this.#errors.protocolError('WINDOW_UPDATE of 0 bytes');
        return;
      }
      if (connection.widen(increment)) connection.resumeSending();
      else connection.fail(Http2ErrorCode.FLOW_CONTROL_ERROR, 'The window of the connection exceeds 2^31-1');
      return;
    }
    const stream = this.#streams.get(streamId);
    if (stream === undefined) {
      if (this.#streams.isIdle(streamId)) this.#errors.protocolError('WINDOW_UPDATE on a stream that is not open');
    } else if (increment === 0) this.#errors.streamError(streamId, Http2ErrorCode.PROTOCOL_ERROR);
    else if (!stream.widen(increment)) this.#errors.streamError(streamId, Http2ErrorCode.FLOW_CONTROL_ERROR);
    else connection.resumeSending();
  }

  #resetStream(streamId: number, bytes: Buffer, start: number, end: number): void {
    if (end - start !== 4) {
      this.#errors.sizeError('RST_STREAM');
      return;
    }
    if (this.#streams.isIdle(streamId)) {
      this.#errors.protocolError('RST_STREAM on a stream that is not open');
      return;
    }
    const stream = this.#streams.get(streamId);
    if (stream === undefined) {
      this.#errors.stray(streamId, true);
      return;
    }
    if (!this.#errors.count('resets')) return;
    stream.closed(peerCode(readUint32(bytes, start)));
    this.#streams.reset.delete(streamId);
  }

  #settings(flags: number, streamId: number, bytes: Buffer, start: number, end: number): void {
    if (streamId !== 0) {
      this.#errors.protocolError('SETTINGS on a stream');
      return;
    }
    if ((flags & Flag.ACK) !== 0) {
      if (end !== start) this.#errors.sizeError('SETTINGS');
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
    if (streamId !== 0) this.#errors.protocolError('PING on a stream');
    else if (end - start !== 8) this.#errors.sizeError('PING');
    else if ((flags & Flag.ACK) !== 0) this.#connection.pingAnswered();
    else this.#connection.output.ping(bytes.subarray(start, end), true);
  }

  /** Priorities are deprecated and ignored; only their format is checked. */
  #priority(streamId: number, bytes: Buffer, start: number, end: number): void {
    if (streamId === 0) this.#errors.protocolError('PRIORITY without a stream');
    else if (end - start !== 5) this.#errors.sizeError('PRIORITY');
    else if (readUint31(bytes, start) === streamId) this.#errors.protocolError('A stream depends on itself');
  }
}

/** The code of a reset for the handler: never NO_ERROR, because the request was not answered. */
function peerCode(code: number): Http2ErrorCode {
  if (code === Http2ErrorCode.NO_ERROR) return Http2ErrorCode.CANCEL;
  return code <= Http2ErrorCode.ENHANCE_YOUR_CALM ? (code as Http2ErrorCode) : Http2ErrorCode.INTERNAL_ERROR;
}
