/**
 * State of a connection, which only moves down this list.
 *
 * - preface: the client's first 24 bytes are arriving.
 * - settings: its SETTINGS frame, which must come first, is arriving.
 * - open
 * - leaving: GOAWAY with the highest id was sent, followed by a ping; streams that the peer opens before it reads the
 *   GOAWAY are still served (RFC 9113, 6.8).
 * - draining: GOAWAY with the last stream was sent; open streams end, later ones are ignored.
 * - closing: everything was sent; input is discarded until the peer closes its side, for a limited time.
 * - closed: the socket is closed.
 */
export type ConnectionState = 'preface' | 'settings' | 'open' | 'leaving' | 'draining' | 'closing' | 'closed';
