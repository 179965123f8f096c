import { expect, test } from 'vitest';
import { lanAddress } from './lan-address.ts';

const v4 = (address: string, internal = false) => ({ address, family: 'IPv4' as const, internal });

test('prefers a private address of a real interface', () => {
  const lo = [v4('127.0.0.1', true)];
  expect(lanAddress({ lo })).toBe(null);
  expect(lanAddress({ lo, docker0: [v4('172.17.0.1')] })).toBe(null);
  expect(lanAddress({ lo, eth0: [v4('169.254.7.7')], docker0: [v4('172.17.0.1')], wlan0: [v4('192.168.1.20')] })).toBe(
    '192.168.1.20',
  );
  expect(lanAddress({ eth0: [v4('203.0.113.9')], eth1: [v4('10.1.2.3')] })).toBe('10.1.2.3');
  expect(lanAddress({ eth0: [{ address: 'fe80::1', family: 'IPv6', internal: false }, v4('203.0.113.9')] })).toBe(
    '203.0.113.9',
  );
});
