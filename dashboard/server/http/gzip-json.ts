import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { acceptsGzip } from '../../../http/request/accepts-gzip.ts';
import type { DashboardContext } from '../dashboard-env.ts';

const compress = promisify(gzip);
const WORTH_BYTES = 1024;

/** A JSON answer, compressed for clients that accept it. */
export async function gzipJson(c: DashboardContext, value: unknown): Promise<Response> {
  const text = JSON.stringify(value);
  c.header('content-type', 'application/json');
  c.header('vary', 'accept-encoding');
  if (!acceptsGzip(c.req.header('accept-encoding')) || text.length < WORTH_BYTES) return c.body(text);
  c.header('content-encoding', 'gzip');
  return c.body(new Uint8Array(await compress(text)));
}
