import { STATUS_CODES } from 'node:http';
import type { Reply } from '../../http/reply.ts';

/** The bytes of a response, one character each (latin1). `date`: the value of its Date header. */
export function formatReply(reply: Reply, date: string, close: boolean): string {
  const { status, type, body, headers } = reply;
  const bytes = Buffer.byteLength(body);
  let more = '';
  for (const name in headers) more += `${name}: ${headers[name]}\r\n`;
  if (close) more += 'connection: close\r\n';
  const text = bytes === body.length ? body : Buffer.from(body).toString('latin1');
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\ncontent-type: ${type}\r\ncontent-length: ${bytes}\r\ndate: ${date}\r\n${more}\r\n${text}`;
}
