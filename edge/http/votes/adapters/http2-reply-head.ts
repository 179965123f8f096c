import type { Reply } from '../../../../http/reply.ts';
import { encodeHeaders } from '../../../http2/hpack/encode-headers.ts';

/**
 * Heads of replies without extra headers, by status, type and length. There are few, because receipts have one length.
 */
const cache = new Map<string, Buffer>();
const MAX_CACHED = 64;
let cachedDate = '';

/** The header block of a reply whose body has `bytes` bytes. */
export function http2ReplyHead({ status, type, headers }: Omit<Reply, 'body'>, bytes: number): Uint8Array {
  const date = dateNow();
  if (headers !== undefined) return encode(status, type, bytes, date, Object.entries(headers));
  if (date !== cachedDate || cache.size >= MAX_CACHED) {
    cache.clear();
    cachedDate = date;
  }
  const key = `${status} ${bytes} ${type}`;
  let head = cache.get(key);
  if (head === undefined) {
    head = encode(status, type, bytes, date);
    cache.set(key, head);
  }
  return head;
}

function encode(status: number, type: string, bytes: number, date: string, more: [string, string][] = []): Buffer {
  return encodeHeaders([
    [':status', `${status}`],
    ['content-type', type],
    ['content-length', `${bytes}`],
    ['date', date],
    ...more,
  ]);
}

let dateUntil = 0;
let date = '';

/** The value of a Date header, which has whole seconds. */
function dateNow(): string {
  const now = Date.now();
  if (now < dateUntil && now >= dateUntil - 1000) return date;
  date = new Date(now).toUTCString();
  dateUntil = now - (now % 1000) + 1000;
  return date;
}
