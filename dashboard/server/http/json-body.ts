import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import type { DashboardContext } from '../dashboard-env.ts';
import type { Refusal } from './problem.ts';

const MAX_BYTES = 128 * 1024;

/**
 * Reads a request's JSON. Only `application/json` is taken: a form of another site can't send that without asking the
 * browser first.
 */
export async function readJsonBody(
  c: DashboardContext,
): Promise<{ readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly refusal: Refusal }> {
  const refuse = (code: ErrorCode, detail: string) => ({ ok: false, refusal: { code, detail } }) as const;
  const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') {
    return refuse(ErrorCode.UNSUPPORTED_MEDIA_TYPE, 'Send application/json.');
  }
  const tooLarge = () => refuse(ErrorCode.TOO_LARGE, `The body is larger than ${MAX_BYTES} bytes.`);
  if (Number(c.req.header('content-length') ?? 0) > MAX_BYTES) return tooLarge();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of c.req.raw.body ?? []) {
    size += chunk.length;
    if (size > MAX_BYTES) return tooLarge();
    chunks.push(chunk);
  }
  if (size === 0) return refuse(ErrorCode.EMPTY_BODY, 'The body is empty.');
  try {
    return { ok: true, value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))) };
  } catch (error) {
    return refuse(ErrorCode.MALFORMED_JSON, `The body is not JSON: ${error instanceof Error ? error.message : error}`);
  }
}
