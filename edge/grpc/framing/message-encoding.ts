import { gunzipSync, gzipSync } from 'node:zlib';

/** What `grpc-encoding` may name, for `grpc-accept-encoding`. */
export const ACCEPTED_ENCODINGS = 'identity,gzip';

/** How the messages of a call are compressed where their frame says that they are. */
export type MessageEncoding = 'identity' | 'gzip';

/** Reads a `grpc-encoding` header. Undefined where it names one that is not accepted. */
export function messageEncoding(header: string | undefined): MessageEncoding | undefined {
  if (header === undefined || header === 'identity') return 'identity';
  return header === 'gzip' ? 'gzip' : undefined;
}

export type Decompressed = Buffer | 'too-large' | 'malformed';

/** Inflates at most `maxBytes`: what would become more than that is given up as soon as it does. */
export function gunzip(message: Buffer, maxBytes: number): Decompressed {
  // An empty message needs no gzip header: gRPC libraries send it as nothing at all.
  if (message.length === 0) return message;
  try {
    return gunzipSync(message, { maxOutputLength: Math.max(maxBytes, 1) });
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? 'too-large' : 'malformed';
  }
}

export function gzip(message: Uint8Array): Buffer {
  return gzipSync(message);
}
