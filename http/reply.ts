/** An HTTP answer before it is in the form of a runtime. */
export interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  /** In lower case. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** For servers that speak `fetch`. */
export function toResponse(reply: Reply): Response {
  const { status, type, body, headers } = reply;
  if (status === 202 && headers === undefined && type === 'application/json') return new Response(body, ACCEPTED);
  return new Response(body, { status, headers: { 'content-type': type, ...headers } });
}

/** Nearly every answer: made once. */
const ACCEPTED: ResponseInit = { status: 202, headers: { 'content-type': 'application/json' } };
