import { gunzipSync } from 'node:zlib';

/** The value of `grpc-accept-encoding`. */
export const ACCEPTED_ENCODINGS = 'identity,gzip';

/** The compression of a call's messages. */
export type MessageEncoding = 'identity' | 'gzip';

/** Parses a `grpc-encoding` header. Undefined if it is not accepted. */
export function messageEncoding(header: string | undefined): MessageEncoding | undefined {
  if (header === undefined || header === 'identity') return 'identity';
  return header === 'gzip' ? 'gzip' : undefined;
}

type Decompressed = Buffer | 'too-large' | 'malformed';

/** Decompresses at most `maxBytes`; aborts as soon as the output exceeds them. */
export function gunzip(message: Buffer, maxBytes: number): Decompressed {
  // gRPC libraries send an empty message without a gzip header, even if compressed.
  if (message.length === 0) return message;
  try {
    return gunzipSync(message, { maxOutputLength: Math.max(maxBytes, 1) });
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? 'too-large' : 'malformed';
  }
}
