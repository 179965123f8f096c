import type { MiddlewareHandler } from 'hono';
import type { DashboardEnv } from '../dashboard-env.ts';

/** Nothing inline, nothing from elsewhere: what an option's name says can never run as a script. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * A bench report is one file with its scripts and styles inline. The sandbox gives it an origin of its own, so that it
 * can't use what this page may.
 */
export const REPORT_POLICY =
  "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox allow-scripts";

/** Sets the headers that every answer carries; a handler may have set its own Content-Security-Policy. */
export const securityHeaders: MiddlewareHandler<DashboardEnv> = async (c, next) => {
  await next();
  // A stream has sent its headers already.
  if (c.env.outgoing.headersSent) return;
  const { headers } = c.res;
  if (!headers.has('content-security-policy')) headers.set('content-security-policy', PAGE_POLICY);
  headers.set('x-content-type-options', 'nosniff');
  headers.set('x-frame-options', 'DENY');
  headers.set('referrer-policy', 'no-referrer');
  headers.set('cross-origin-opener-policy', 'same-origin');
  headers.set('cross-origin-resource-policy', 'same-origin');
  headers.set('permissions-policy', 'camera=(), geolocation=(), microphone=(), payment=()');
};
