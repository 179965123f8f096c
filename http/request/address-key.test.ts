import { expect, test } from 'vitest';
import { addressKey } from './address-key.ts';

test('all addresses of an IPv6 /64 network have the same key in every notation', () => {
  const same = [
    '2001:db8:1:2::1',
    '2001:db8:1:2:ffff:ffff:ffff:ffff',
    '2001:0DB8:0001:0002:3:4:5:6',
    '2001:db8:1:2:3::',
    '2001:db8:1:2::192.0.2.1',
  ];
  for (const address of same) expect(addressKey(address), address).toBe('2001:db8:1:2::/64');
  expect(addressKey('2001:db8:1:3::1')).toBe('2001:db8:1:3::/64');
  expect(addressKey('2001:db8::1')).toBe('2001:db8:0:0::/64');
  expect(addressKey('2001:db8::1:2:3:4:5')).toBe('2001:db8:0:1::/64');
  expect(addressKey('::1')).toBe('0:0:0:0::/64');
});

test('an IPv4 address is its own key, mapped or not', () => {
  for (const address of ['192.0.2.1', '::ffff:192.0.2.1', '::FFFF:192.0.2.1']) {
    expect(addressKey(address)).toBe('192.0.2.1');
  }
  expect(addressKey('192.0.2.2')).toBe('192.0.2.2');
});

test('the zone of a link-local address does not matter', () => {
  expect(addressKey('fe80::1%eth0')).toBe(addressKey('fe80::2%eth1'));
});

test('any other text is its own key, truncated', () => {
  for (const text of ['', 'unknown', 'a:b', ':::', '1:2:3', '12345:1:1:1::']) expect(addressKey(text)).toBe(text);
  expect(addressKey('x'.repeat(10_000))).toHaveLength(64);
  expect(addressKey(':'.repeat(10_000))).toHaveLength(64);
});
