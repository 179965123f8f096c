import { isIPv6 } from 'node:net';

const MAPPED = /^::ffff:(?=\d+\.)/i;
/** Bounds the memory per address: a trusted proxy may forward any text, and limits store it. */
const MAX_CHARACTERS = 64;

/**
 * The key under which limits count a client's address. An IPv6 /64 network belongs to one customer, who may use any of
 * its 2^64 addresses, so it counts as one: `2001:db8:1:2::/64`. A mapped address (`::ffff:192.0.2.1`) counts as its
 * IPv4 address, and any other text as itself.
 */
export function addressKey(address: string): string {
  const plain = address.replace(MAPPED, '');
  if (!plain.includes(':') || !isIPv6(plain)) return plain.slice(0, MAX_CHARACTERS);
  const [head = '', tail] = plain.split('::', 2);
  const groups = groupsOf(head);
  if (tail !== undefined) {
    const rest = groupsOf(tail);
    // The last two groups may be written as an IPv4 address.
    const count = rest.length + (tail.includes('.') ? 1 : 0);
    while (groups.length + count < 8) groups.push('0');
    groups.push(...rest);
  }
  const prefix = groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${prefix.join(':')}::/64`;
}

function groupsOf(text: string): string[] {
  return text === '' ? [] : text.split(':');
}
