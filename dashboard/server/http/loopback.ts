import type { DashboardContext } from '../dashboard-env.ts';
import { peerOf } from '../dashboard-env.ts';

const LOOPBACK_PEER = /^(127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/;
const LOOPBACK_HOST = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i;

/**
 * True if a person or program on this machine sent the request. False for requests that a proxy forwards, and for
 * requests that another site's page makes a local browser send (with a foreign Origin, or by a name that resolves to
 * this machine).
 */
export function isLoopback(c: DashboardContext): boolean {
  const host = c.req.header('host') ?? '';
  const origin = c.req.header('origin');
  const forwarded = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'].some(
    (name) => c.req.header(name) !== undefined,
  );
  return (
    LOOPBACK_PEER.test(peerOf(c)) &&
    // Proxies with default settings may use HTTP/1.0 without adding headers; browsers and programs use HTTP/1.1.
    c.env.incoming.httpVersion !== '1.0' &&
    LOOPBACK_HOST.test(host) &&
    !forwarded &&
    (origin === undefined || origin === `http://${host}`) &&
    ['same-origin', 'none', undefined].includes(c.req.header('sec-fetch-site'))
  );
}
