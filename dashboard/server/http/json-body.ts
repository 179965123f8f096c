import type { Problem } from '../../../http/problem.ts';
import { quoteForMessage } from '../../../http/quote.ts';
import { isCompressed, mediaType } from '../../../http/request/media-type.ts';
import { readBody } from '../../../http/request/read-body.ts';
import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import type { DashboardContext } from '../dashboard-env.ts';

/** Room for a contest of 256 options with long labels and attributes. */
const MAX_BYTES = 128 * 1024;

export type JsonBody =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly problem: Problem };

/**
 * Reads the JSON of a request. Only `application/json` is accepted: a form on another site cannot send that without a
 * CORS preflight.
 */
export async function readJsonBody(c: DashboardContext): Promise<JsonBody> {
  const encoding = c.req.header('content-encoding');
  if (mediaType(c.req.header('content-type') ?? '') !== 'application/json' || isCompressed(encoding)) {
    return { ok: false, problem: wrongMediaType(c.req.header('content-type'), encoding) };
  }
  const bytes = await readBody(c.req.raw, MAX_BYTES);
  if (bytes === undefined) return failed(ErrorCode.TOO_LARGE, `The body is longer than ${MAX_BYTES} bytes`);
  if (bytes.length === 0) return failed(ErrorCode.EMPTY_BODY, 'The body is empty');
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return failed(ErrorCode.INVALID_UTF8, 'The body is not UTF-8');
  }
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch (error) {
    // The engine's message quotes the body.
    const at = /at position (\d+)/.exec(`${error}`)?.[1];
    return failed(ErrorCode.MALFORMED_JSON, `Malformed JSON${at === undefined ? '' : ` at character ${at}`}`);
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function wrongMediaType(contentType: string | undefined, encoding: string | undefined): Problem {
  const value = isCompressed(encoding) ? encoding : contentType;
  return {
    code: ErrorCode.UNSUPPORTED_MEDIA_TYPE,
    headers: isCompressed(encoding) ? { 'accept-encoding': 'identity' } : {},
    detail: `Content-Type must be application/json, in UTF-8 and without Content-Encoding; got ${value === undefined ? 'none' : quoteForMessage(value)}`,
  };
}

function failed(code: ErrorCode, detail: string): JsonBody {
  return { ok: false, problem: { code, detail } };
}
