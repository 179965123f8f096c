import { expect, test } from 'vitest';
import { CookieSigner } from './cookie-signer.ts';

test('a value verifies only for its purpose and only unchanged', () => {
  const signer = new CookieSigner(['a secret of some length']);
  const value = signer.sign('voter', 'web-abc');
  expect(signer.verify('voter', value)).toStrictEqual({ payload: 'web-abc', isCurrent: true });
  expect(signer.verify('choice bandas', value)).toBe(undefined);
  for (let at = 0; at < value.length; at++) {
    const changed = value.slice(0, at) + (value[at] === 'x' ? 'y' : 'x') + value.slice(at + 1);
    expect(signer.verify('voter', changed), changed).toBe(undefined);
  }
  for (const other of ['', '.', 'web-abc', 'web-abc.', `${value}=`, `${value}.`]) {
    expect(signer.verify('voter', other), other).toBe(undefined);
  }
});

test('after a rotation, old values verify until their secret is removed', () => {
  const old = new CookieSigner(['the old secret, 1234']).sign('voter', 'web-abc');
  const both = new CookieSigner(['the new secret, 5678', 'the old secret, 1234']);
  expect(both.verify('voter', old)).toStrictEqual({ payload: 'web-abc', isCurrent: false });
  expect(both.verify('voter', both.sign('voter', 'web-abc'))).toMatchObject({ isCurrent: true });
  expect(new CookieSigner(['the new secret, 5678']).verify('voter', old)).toBe(undefined);
});
