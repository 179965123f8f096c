import { expect, test } from 'vitest';
import { ConfigError } from '../../../config/config-error.ts';
import { findHashedKey, hashKey } from '../../../config/secrets/hashed-keys.ts';
import { thrown } from '../../../tests/support/thrown.ts';
import { parseProducerKeys } from './producer-keys.ts';

const hash = (key: string) => hashKey(key).toString('hex');

test('keys have names, and may be limited to contests', () => {
  const keys = parseProducerKeys(`tv:${hash('one')}, web:${hash('two')}:cats-vs-dogs+bandas tv:${hash('three')}`);
  expect(findHashedKey(keys, 'one')).toMatchObject({ name: 'tv', contests: undefined });
  expect(findHashedKey(keys, 'two')).toMatchObject({ name: 'web', contests: new Set(['cats-vs-dogs', 'bandas']) });
  expect(findHashedKey(keys, 'three'), 'a second key of the same name').toMatchObject({ name: 'tv' });
  for (const wrong of ['', 'four', 'One', hash('one')]) expect(findHashedKey(keys, wrong)).toBe(undefined);
});

test('an error names an invalid entry by its position, never by its value', () => {
  for (const entry of ['tv', 'tv:secret', `tv:${hash('one').slice(1)}`, `TV:${hash('one')}`, `tv:${hash('one')}:`]) {
    const error = thrown(() => parseProducerKeys(`ok:${hash('x')},${entry}`));
    expect(error).toBeInstanceOf(ConfigError);
    expect(String(error)).toMatch(/PRODUCER_KEYS must be entries .* entry 2 is not$/);
    expect(String(error)).not.toContain('secret');
  }
});
