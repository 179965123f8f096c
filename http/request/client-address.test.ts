import { expect, test } from 'vitest';
import { clientAddress, NO_PROXY, type ProxyTrust, parseProxyTrust } from './client-address.ts';

const trust = (value: string): ProxyTrust => parseProxyTrust(value) ?? expect.unreachable(value);

test('without a trusted proxy the peer is the client', () => {
  expect(clientAddress('10.0.0.1', '1.2.3.4', NO_PROXY)).toBe('10.0.0.1');
  expect(clientAddress('10.0.0.1', '1.2.3.4', trust('0'))).toBe('10.0.0.1');
});

test('with a number of proxies, only that many elements from the end are trusted', () => {
  expect(clientAddress('10.0.0.1', 'forged, 1.2.3.4', trust('true'))).toBe('1.2.3.4');
  expect(clientAddress('10.0.0.1', 'forged, 1.2.3.4, 10.0.0.2', trust('2'))).toBe('1.2.3.4');
  expect(clientAddress('10.0.0.1', '1.2.3.4', trust('2')), 'fewer than configured').toBe('1.2.3.4');
  expect(clientAddress('10.0.0.1', undefined, trust('1'))).toBe('10.0.0.1');
  expect(clientAddress('10.0.0.1', ' ', trust('1'))).toBe('10.0.0.1');
});

test('with networks, the client is the last address outside them', () => {
  const networks = trust('10.0.0.0/8, 2001:db8::/32,192.168.1.1');
  expect(clientAddress('10.0.0.1', 'forged, 1.2.3.4, 10.9.9.9', networks)).toBe('1.2.3.4');
  expect(clientAddress('::ffff:10.0.0.1', '1.2.3.4, 2001:db8::7, 192.168.1.1', networks)).toBe('1.2.3.4');
  expect(clientAddress('8.8.8.8', '1.2.3.4', networks), 'the peer is not a proxy').toBe('8.8.8.8');
  expect(clientAddress('10.0.0.1', '10.0.0.2', networks), 'all are proxies').toBe('10.0.0.2');
  expect(clientAddress('10.0.0.1', 'unknown, 10.0.0.2', networks)).toBe('unknown');
});

test('rejects all other values', () => {
  for (const value of ['yes', '17', '-1', '1.5', '10.0.0.0/33', '10.0.0/8', '10.0.0.0/', '::1/129', '10.0.0.1,', '']) {
    expect(parseProxyTrust(value), value).toBe(undefined);
  }
});
