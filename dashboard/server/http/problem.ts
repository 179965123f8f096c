import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import type { ProblemView } from '../../api.ts';

/** A refusal as a value; `respondWith` writes it down. The statuses are those that the edge gives the same codes. */
export interface Refusal {
  readonly code: ErrorCode;
  /** Names the value, the limit and the remedy. */
  readonly detail: string;
  readonly errors?: readonly { readonly field: string; readonly message: string }[];
  /** Seconds after which a retry makes sense. */
  readonly retryAfter?: number;
  /** Methods that the resource takes, for METHOD_NOT_ALLOWED. */
  readonly allow?: string;
}

const statuses: Readonly<Partial<Record<ErrorCode, readonly [number, string]>>> = {
  [ErrorCode.EMPTY_BODY]: [400, 'Empty body'],
  [ErrorCode.MALFORMED_JSON]: [400, 'Malformed JSON'],
  [ErrorCode.TOO_LARGE]: [413, 'Too large'],
  [ErrorCode.UNSUPPORTED_MEDIA_TYPE]: [415, 'Unsupported media type'],
  [ErrorCode.INVALID_ARGUMENT]: [422, 'Invalid argument'],
  [ErrorCode.UNKNOWN_CONTEST]: [404, 'Unknown contest'],
  [ErrorCode.RESULTS_HIDDEN]: [403, 'Results hidden'],
  [ErrorCode.NOT_FOUND]: [404, 'Not found'],
  [ErrorCode.METHOD_NOT_ALLOWED]: [405, 'Method not allowed'],
  [ErrorCode.CONFLICT]: [409, 'Conflict'],
  [ErrorCode.UNAUTHENTICATED]: [401, 'Not authenticated'],
  [ErrorCode.FORBIDDEN]: [403, 'Forbidden'],
  [ErrorCode.RATE_LIMITED]: [429, 'Rate limited'],
  [ErrorCode.STORE_UNAVAILABLE]: [503, 'Store unavailable'],
  [ErrorCode.OVERLOADED]: [503, 'Overloaded'],
  [ErrorCode.SHUTTING_DOWN]: [503, 'Shutting down'],
  [ErrorCode.INTERNAL]: [500, 'Internal error'],
};

const names = new Map<number, string>(Object.entries(ErrorCode).map(([name, code]) => [code, name.toLowerCase()]));

/** What somebody sent, for a message that names it: as JSON, and not longer than it takes to recognise it. */
export function quote(value: unknown): string {
  const text = JSON.stringify(typeof value === 'string' ? value.slice(0, 64) : value) ?? 'nothing';
  return text.length <= 68 ? text : `${text.slice(0, 64)}…`;
}

/** The answer to a refused request: `application/problem+json`, RFC 9457. */
export function respondWith(refusal: Refusal): Response {
  const [status, title] = statuses[refusal.code] ?? [500, 'Internal error'];
  const code = names.get(refusal.code) ?? 'internal';
  const body: ProblemView = {
    type: `tag:votewire,2026:problem:${code}`,
    title,
    status,
    code,
    detail: refusal.detail,
    ...(refusal.errors && { errors: refusal.errors }),
  };
  const headers = new Headers({ 'content-type': 'application/problem+json', 'cache-control': 'no-store' });
  if (refusal.retryAfter !== undefined) headers.set('retry-after', `${refusal.retryAfter}`);
  if (refusal.allow !== undefined) headers.set('allow', refusal.allow);
  if (status === 401) headers.set('www-authenticate', 'Bearer realm="votewire"');
  return new Response(JSON.stringify(body), { status, headers });
}
