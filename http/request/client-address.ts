import { BlockList, isIP } from 'node:net';

/** Which proxies in front of a server are trusted to report the client's address. */
export type ProxyTrust =
  /** The number of proxies, each of which appends an element to X-Forwarded-For; 0: none. */
  | { readonly hops: number }
  /** All proxies with an address in these networks. */
  | { readonly networks: BlockList };

export const NO_PROXY: ProxyTrust = { hops: 0 };

const MAX_HOPS = 16;

/**
 * Parses TRUST_PROXY: `true` (one proxy), `false`, a number of proxies, or addresses and networks such as
 * `10.0.0.0/8,::1`, separated by commas. Undefined if it is invalid.
 */
export function parseProxyTrust(value: string): ProxyTrust | undefined {
  if (value === 'true') return { hops: 1 };
  if (value === 'false') return NO_PROXY;
  if (/^\d{1,2}$/.test(value)) return Number(value) <= MAX_HOPS ? { hops: Number(value) } : undefined;
  const networks = new BlockList();
  for (const entry of value.split(',').map((text) => text.trim())) {
    const [address = '', prefix] = entry.split('/');
    const version = isIP(address);
    const bits = prefix === undefined || /^\d{1,3}$/.test(prefix) ? Number(prefix ?? (version === 4 ? 32 : 128)) : -1;
    if (version === 0 || bits < 0 || bits > (version === 4 ? 32 : 128)) return undefined;
    networks.addSubnet(address, bits, version === 4 ? 'ipv4' : 'ipv6');
  }
  return { networks };
}

export function trustsProxy(trust: ProxyTrust): boolean {
  return 'networks' in trust || trust.hops > 0;
}

/**
 * The client's address: the peer of the connection or, behind trusted proxies, the X-Forwarded-For element written by
 * the outermost trusted proxy. Elements before it can be forged.
 */
export function clientAddress(peer: string, forwardedFor: string | undefined, trust: ProxyTrust): string {
  if (forwardedFor === undefined || !trustsProxy(trust)) return peer;
  const elements = forwardedFor.split(',').map((element) => element.trim());
  if ('hops' in trust) return elements.at(-Math.min(trust.hops, elements.length)) || peer;
  let address = peer;
  while (isTrusted(address, trust.networks)) {
    const next = elements.pop();
    if (next === undefined || next === '') break;
    address = next;
  }
  return address;
}

function isTrusted(address: string, networks: BlockList): boolean {
  // A server that listens on all interfaces sees IPv4 peers as IPv6.
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  const version = isIP(plain);
  return version !== 0 && networks.check(plain, version === 4 ? 'ipv4' : 'ipv6');
}
