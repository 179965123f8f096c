/**
 * The client's address: the peer of the connection or, behind a trusted proxy, the last element of X-Forwarded-For,
 * which that proxy wrote. Earlier elements can be forged.
 */
export function clientAddress(peer: string, forwardedFor: string | undefined, trustProxy: boolean): string {
  return (trustProxy && forwardedFor?.split(',').at(-1)?.trim()) || peer;
}
