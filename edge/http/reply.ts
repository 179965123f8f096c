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
  const headers: Record<string, string> = { 'content-type': reply.type, ...reply.headers };
  return new Response(reply.body, { status: reply.status, headers });
}
