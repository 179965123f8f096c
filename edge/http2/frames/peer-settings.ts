import { Http2ErrorCode } from '../error-code.ts';
import { DEFAULT_FRAME_BYTES, MAX_FRAME_BYTES, MAX_WINDOW_BYTES, readUint32, Setting } from './frame.ts';

const SETTING_BYTES = 6;

/** The settings of a SETTINGS frame that this server uses; undefined: not in the frame. */
export interface PeerSettings {
  readonly initialWindow: number | undefined;
  readonly headerTableBytes: number | undefined;
}

/** Reads a payload; the last value of each setting counts (RFC 9113, 6.5.3). Returns an error code if it is invalid. */
export function readPeerSettings(bytes: Buffer, start: number, end: number): PeerSettings | Http2ErrorCode {
  if ((end - start) % SETTING_BYTES !== 0) return Http2ErrorCode.FRAME_SIZE_ERROR;
  let initialWindow: number | undefined;
  let headerTableBytes: number | undefined;
  for (let at = start; at < end; at += SETTING_BYTES) {
    const id = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
    const value = readUint32(bytes, at + 2);
    if (id === Setting.HEADER_TABLE_SIZE) headerTableBytes = value;
    else if (id === Setting.INITIAL_WINDOW_SIZE) {
      if (value > MAX_WINDOW_BYTES) return Http2ErrorCode.FLOW_CONTROL_ERROR;
      initialWindow = value;
    } else if (id === Setting.ENABLE_PUSH) {
      if (value > 1) return Http2ErrorCode.PROTOCOL_ERROR;
    } else if (id === Setting.MAX_FRAME_SIZE) {
      // The peer may allow larger frames; none are sent.
      if (value < DEFAULT_FRAME_BYTES || value > MAX_FRAME_BYTES) return Http2ErrorCode.PROTOCOL_ERROR;
    }
  }
  return { initialWindow, headerTableBytes };
}
