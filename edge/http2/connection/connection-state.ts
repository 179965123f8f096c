/**
 * State of a connection. It only ever moves down this list.
 *
 * - preface: the client's first 24 bytes are arriving.
 * - settings: its SETTINGS frame, which has to be the first, is arriving.
 * - open
 * - leaving: GOAWAY with the highest id was sent and a ping after it; streams that the peer opened before it had read
 *   that are still served (RFC 9113, 6.8).
 * - draining: GOAWAY with the last stream was sent; open streams end, later ones are ignored.
 * - closing: everything was sent; input is discarded until the peer closes its side, for a bounded time.
 * - closed: the socket is gone.
 */
export type ConnectionState = 'preface' | 'settings' | 'open' | 'leaving' | 'draining' | 'closing' | 'closed';
