import { checkOrigin } from '../admission/same-origin.ts';
import type { EdgeContext } from '../http/edge-env.ts';
import { FetchRequestView } from '../http/fetch-request-view.ts';
import type { Upstream } from './upstream.ts';

/** Forwards a request like a reverse proxy. Does not follow redirects; the client does. */
export function forwardRequest(c: EdgeContext, upstream: Upstream): Promise<Response> {
  const request = c.req.raw;
  const view = new FetchRequestView(request, c.env);
  const { protocol, host, pathname, search } = new URL(request.url);
  const headers = new Headers(request.headers);
  for (const name of HOP_BY_HOP) headers.delete(name);
  headers.set('accept-encoding', 'identity');
  headers.set('x-forwarded-for', view.peer);
  headers.set('x-forwarded-host', host);
  headers.set('x-forwarded-proto', protocol.slice(0, -1));
  // The page came from the worker, so the upstream must treat the request as same-origin.
  if (headers.has('origin') && checkOrigin(view, '') === undefined) headers.set('origin', upstream.origin);
  const hasBody = request.method !== 'GET' && request.method !== 'HEAD';
  return upstream.forward(
    new Request(`${upstream.origin}${pathname}${search}`, {
      method: request.method,
      headers,
      redirect: 'manual',
      ...(hasBody && { body: request.body, duplex: 'half' }),
    }),
  );
}

const HOP_BY_HOP = ['connection', 'host', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade'];
