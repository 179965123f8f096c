import type { Problem } from '../../../http/problem.ts';
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
  const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') {
    return failed(ErrorCode.UNSUPPORTED_MEDIA_TYPE, 'The body must be application/json');
  }
  const bytes = await readBody(c.req.raw, MAX_BYTES);
  if (bytes === undefined) return failed(ErrorCode.TOO_LARGE, `The body is longer than ${MAX_BYTES} bytes`);
  if (bytes.length === 0) return failed(ErrorCode.EMPTY_BODY, 'The body is empty');
  try {
    return { ok: true, value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) };
  } catch (error) {
    return failed(ErrorCode.MALFORMED_JSON, `The body is not JSON: ${error instanceof Error ? error.message : error}`);
  }
}

function failed(code: ErrorCode, detail: string): JsonBody {
  return { ok: false, problem: { code, detail } };
}
