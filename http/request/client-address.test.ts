import { expect, test } from 'vitest';
import { clientAddress } from './client-address.ts';

test('X-Forwarded-For counts only behind a trusted proxy', () => {
  expect(clientAddress('10.0.0.1', '1.2.3.4', false)).toBe('10.0.0.1');
  expect(clientAddress('10.0.0.1', 'forged, 1.2.3.4', true)).toBe('1.2.3.4');
  expect(clientAddress('10.0.0.1', undefined, true)).toBe('10.0.0.1');
  expect(clientAddress('10.0.0.1', ' ', true)).toBe('10.0.0.1');
});
